/// `rotation` in a key's metadata: the settings, and where its rotation stands.
package struct KeyRotation: Codable, Equatable, Sendable {
    /// Who makes the new value.
    package var rotator: String
    /// How long after a rotation the next one is due.
    package var every: String?
    /// The same as five fields of cron, in UTC.
    package var schedule: String?
    /// What the rotator was told.
    package var settings: [String: String]
    /// How long the version before is honoured; not there where it is not.
    package var overlap: String?
    package var missed: MissedRotation
    package var retire: RetirementRule
    package var deadline: String?
    package var jitter: String?
    package var window: DayWindow?
    package var paused: Bool
    /// Since when.
    package var pausedSince: Timestamp?
    /// Who wrote the settings, and in whose name each run is authorised.
    package var author: String
    /// Where it stands.
    package var state: KeyRotationState
    /// The step that is under way or waits, for those who want it exactly: `idle`, `create`, `test` and so on.
    package var step: String
    /// When the next rotation is due; not there where it is not due by itself.
    package var due: Timestamp?
    /// When something is tried next: a step again that failed, or a rotation that is due and has not begun.
    package var nextAttempt: Timestamp?
    /// When the current version was made current, or its rotation was set up.
    package var lastRotated: Timestamp?
    /// Failures of this step in a row.
    package var attempts: Int
    /// Candidates made or tried for this rotation.
    package var candidates: Int
    /// The version that is being rotated in.
    package var pending: Int?
    /// Why the last step did not succeed: one of a closed list of words.
    package var error: String?
    /// The step that did not.
    package var errorStep: String?
    /// When that was.
    package var errorTime: Timestamp?
    /// Credentials that still have to be ended, or may exist without use, by the provider's names for them.
    package var orphans: [String]
    /// True where somebody asked for the end of this rotation, and what it made is looked for and ended first; else not
    /// there.
    package var aborting: Bool?
    /// What rotations that were given up may have left at the provider, for a person to end; not there where nothing is.
    package var possibleOrphans: [PossibleOrphan]?
    /// Rotations that were left out so far.
    package var skipped: Int
    /// Until when the version before is honoured at least.
    package var retireAfter: Timestamp?
    /// Until when it is honoured at the latest.
    package var retireDeadline: Timestamp?
    /// Who uses the key, where that matters for retirement.
    package var consumers: [KeyConsumer]?

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case rotator
        case every
        case schedule
        case settings
        case overlap
        case missed
        case retire
        case deadline
        case jitter
        case window
        case paused
        case pausedSince = "paused_since"
        case author
        case state
        case step
        case due
        case nextAttempt = "next_attempt"
        case lastRotated = "last_rotated"
        case attempts
        case candidates
        case pending
        case error
        case errorStep = "error_step"
        case errorTime = "error_time"
        case orphans
        case aborting
        case possibleOrphans = "possible_orphans"
        case skipped
        case retireAfter = "retire_after"
        case retireDeadline = "retire_deadline"
        case consumers
    }

    package init(
        rotator: String, every: String? = nil, schedule: String? = nil, settings: [String: String] = [:],
        overlap: String? = nil, missed: MissedRotation = .now, retire: RetirementRule = .afterOverlap,
        deadline: String? = nil, jitter: String? = nil, window: DayWindow? = nil, paused: Bool = false,
        pausedSince: Timestamp? = nil, author: String, state: KeyRotationState, step: String, due: Timestamp? = nil,
        nextAttempt: Timestamp? = nil, lastRotated: Timestamp? = nil, attempts: Int = 0, candidates: Int = 0,
        pending: Int? = nil, error: String? = nil, errorStep: String? = nil, errorTime: Timestamp? = nil,
        orphans: [String] = [], aborting: Bool? = nil, possibleOrphans: [PossibleOrphan]? = nil, skipped: Int = 0,
        retireAfter: Timestamp? = nil, retireDeadline: Timestamp? = nil,
        consumers: [KeyConsumer]? = nil
    ) {
        self.rotator = rotator
        self.every = every
        self.schedule = schedule
        self.settings = settings
        self.overlap = overlap
        self.missed = missed
        self.retire = retire
        self.deadline = deadline
        self.jitter = jitter
        self.window = window
        self.paused = paused
        self.pausedSince = pausedSince
        self.author = author
        self.state = state
        self.step = step
        self.due = due
        self.nextAttempt = nextAttempt
        self.lastRotated = lastRotated
        self.attempts = attempts
        self.candidates = candidates
        self.pending = pending
        self.error = error
        self.errorStep = errorStep
        self.errorTime = errorTime
        self.orphans = orphans
        self.aborting = aborting
        self.possibleOrphans = possibleOrphans
        self.skipped = skipped
        self.retireAfter = retireAfter
        self.retireDeadline = retireDeadline
        self.consumers = consumers
    }
}

extension KeyRotation {
    /// The settings alone, as they can be written again.
    package var request: RotationRequest {
        RotationRequest(
            rotator: rotator, every: every, schedule: schedule, settings: settings.isEmpty ? nil : settings,
            overlap: overlap, missed: missed, retire: retire, deadline: deadline, jitter: jitter, window: window,
            paused: paused ? true : nil)
    }
}

/// A credential that may live on at a provider, and that nobody uses.
package struct PossibleOrphan: Codable, Equatable, Sendable {
    /// The provider's name for it, where that is known.
    package var handle: String?
    /// What is in its name or tag, at providers where Keyturn marks what it makes; ends with `-` where that is only the
    /// beginning.
    package var mark: String
    /// The step that was given up.
    package var step: String
    /// About when it was made, or when the step was given up.
    package var since: Timestamp

    package init(handle: String? = nil, mark: String, step: String, since: Timestamp) {
        self.handle = handle
        self.mark = mark
        self.step = step
        self.since = since
    }
}

/// Somebody who uses a key that is rotated.
package struct KeyConsumer: Codable, Equatable, Sendable {
    /// `access-key:<id>`, with the id of the first of its line, or `unix-user:<number>`.
    package var caller: String
    /// Its name, where it has one.
    package var name: String?
    /// Which of its instances, where it says so in `Keyturn-Instance`; else empty.
    package var instance: String
    /// The newest version that it fetched or acknowledged.
    package var version: Int
    /// When it did so last.
    package var seen: Timestamp
    /// Whether the version before is kept because of it.
    package var holdsBack: Bool

    enum CodingKeys: String, CodingKey {
        case caller, name, instance, version, seen
        case holdsBack = "holds_back"
    }

    package init(
        caller: String, name: String? = nil, instance: String, version: Int, seen: Timestamp, holdsBack: Bool
    ) {
        self.caller = caller
        self.name = name
        self.instance = instance
        self.version = version
        self.seen = seen
        self.holdsBack = holdsBack
    }
}
