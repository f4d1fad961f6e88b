/// Where the rotation of one key stands, as it is written down.
package enum RotationStep: UInt8, Sendable, CaseIterable {
    /// Nothing is under way: the next rotation, or the next candidate, waits for its time.
    case idle = 0
    /// What the provider lists is noted, so that a doubtful creation can be told apart.
    case snapshot = 1
    case create = 2
    case test = 3
    /// A candidate that was refused is ended at the provider.
    case discard = 4
    /// A doubtful creation is looked for in the provider's list.
    case reconcile = 5
    /// Credentials that nobody uses are ended at the provider.
    case clean = 6
    /// The new version is current, and the one before still honoured.
    case overlap = 7
    /// The version before is ended at the provider.
    case retire = 8
    /// A person has to look.
    case held = 9
    /// After a restored backup: whether the current version works at the provider.
    case verify = 10

    /// Whether the step is one call at the provider.
    package var isCall: Bool {
        switch self {
        case .idle, .overlap, .held: false
        default: true
        }
    }
}

extension RotationStep {
    /// The step's name, as records and people have it.
    package var word: String {
        switch self {
        case .idle: "idle"
        case .snapshot: "snapshot"
        case .create: "create"
        case .test: "test"
        case .discard: "discard"
        case .reconcile: "reconcile"
        case .clean: "clean"
        case .overlap: "overlap"
        case .retire: "retire"
        case .held: "held"
        case .verify: "verify"
        }
    }
}

/// What people are shown.
package enum RotationStanding: String, Sendable, CaseIterable {
    case scheduled, due, rotating, overlapping, failing, held, overdue, paused
}

/// All that the machine remembers of one key. Holds no secret.
package struct RotationState: Sendable, Equatable {
    package var step: RotationStep = .idle
    /// Whether the step's call is under way: written down before it begins. After a crash its end is in doubt.
    package var isCalling = false
    /// Whether the candidate may or may not be in force: its creation was in doubt.
    package var isDoubted = false
    /// Whether an operator wants the rotation ended as soon as the call is over.
    package var isAborting = false
    /// Whether the records were put back while a call was under way: nothing is believed once that is over.
    package var isPutBack = false
    /// When this step began.
    package var entered: Int64 = 0
    /// When the next rotation is due; nil: not by itself.
    package var due: Int64?
    /// When something is tried next: a call again, or another candidate. 0: when it is due.
    package var nextAttempt: Int64 = 0
    /// Failures of this step in a row.
    package var attempts = 0
    /// Candidates made or tried for this rotation; 0: it has not begun.
    package var candidates = 0
    /// 16 random bytes, the same for all attempts to make one candidate.
    package var token: [UInt8] = []
    /// When the first attempt with the token began.
    package var began: Int64 = 0
    /// What the provider calls the credentials; empty where it has no name, or there is none.
    package var candidate = ""
    package var current = ""
    package var previous = ""
    /// Credentials that are to be ended, by the provider's name.
    package var orphans: [String] = []
    /// What the provider listed before the attempt.
    package var known: [String] = []
    /// What may be left at the provider of runs that were given up; at most ``RotationLimits/leftovers``.
    package var leftovers: [RotationLeftover] = []
    package var error: RotationFault?
    package var errorStep: RotationStep = .idle
    package var errorTime: Int64 = 0
    /// When the current version was made current, or its rotation was set up.
    package var lastRotated: Int64 = 0
    /// Rotations that were left out, each with a record in the audit log.
    package var skipped = 0
    /// The previous version is honoured until then, and until the deadline where its consumers have not moved.
    package var retireAfter: Int64 = 0
    package var retireDeadline: Int64 = 0

    package init() {}

    /// Whether a version before is still honoured, or waits to be ended at the provider.
    package var hasPrevious: Bool { retireAfter > 0 }

    /// A rotation is under way that has not made its candidate current.
    package var isUnderWay: Bool {
        switch step {
        case .idle: candidates > 0
        case .overlap, .retire: false
        case .clean: true
        default: true
        }
    }
}

/// A provider's limits on what is remembered.
enum RotationLimits {
    /// Credentials that a list may hold to be compared.
    static let listed = 256
    /// Credentials that are remembered as a person's to end; each is in the audit log besides.
    static let leftovers = 64
    /// Bytes of a provider's name for a credential.
    static let handleBytes = 512
    /// Candidates in quick succession, after which the wait is long.
    static let quickCandidates = 3
    /// How long an idempotency key is trusted: providers forget them after a day.
    static let tokenLife: Int64 = 20 * 3_600_000
    /// How long after a doubtful creation the list is asked: an effect may come late.
    static let reconcileDelay: Int64 = 60_000
    static let firstBackoff: Int64 = 5_000
    static let shortCap: Int64 = 3_600_000
    static let longBackoff: Int64 = 3_600_000
    static let longCap: Int64 = 86_400_000
}
