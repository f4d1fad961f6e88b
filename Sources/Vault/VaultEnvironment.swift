package import Audit
package import Rotation
package import Sealing
package import SecretMemory
package import Storage

/// What the vault needs from outside: where records live, what time it is, where chance comes from.
package struct VaultEnvironment: Sendable {
    /// Sees ciphertext only.
    package var store: any RecordStore
    /// Every operation writes here before it answers.
    package var audit: any AuditSink
    /// Where what was written can be read back and searched; nil where it cannot: then nothing is held against it, nobody
    /// can search it, and what was counted and not saved before a crash is lost.
    package var auditLog: (any AuditLog)?
    /// Wall-clock time in milliseconds since 1970.
    package var now: @Sendable () -> Timestamp
    /// Milliseconds of a clock that runs evenly and never goes back, from any beginning: what limits are counted by.
    package var steady: @Sendable () -> Int64 = steadyMilliseconds
    package var random: any RandomSource
    /// Reads the policy files: at start and at each reload. What it throws says why they could not be read.
    package var policyFiles: @Sendable () throws(VaultError) -> [(name: String, text: String)]
    /// What Argon2id may cost when a slot is opened; the executable never has but the standard limits.
    package var costLimits: CostLimits
    /// What Argon2id costs when a slot is made and nobody asked for anything else.
    package var defaultCosts: DerivationCosts
    /// KiB of memory that a derivation may take now; nil where that is not known.
    package var availableKiB: @Sendable () -> UInt64?
    /// KiB of memory that the process may use at most; nil where that is not known.
    package var usableKiB: @Sendable () -> UInt64? = { nil }
    /// The one-time token that lets a vault be initialised through another door than the operator's socket.
    package var initializationToken: WipedBytes?
    /// How long a deleted key can be restored, in milliseconds: 30 days unless set.
    package var trashWindow: Int64 = VaultLimits.trashWindow
    /// How long a seal waits for requests that still hold the keys, in milliseconds: 5 seconds unless set.
    package var sealPatience = 5_000
    /// What keys can be rotated by, each under a name of its own.
    package var rotatorKinds: [any RotatorKind] = []
    /// Where the rotator `issuer` has its keys made; nil where there is none.
    package var issuerDesk: VaultIssuerDesk?
    /// Told of what became of rotations, on a thread of the vault's: it must not wait for anything. Nil: nobody is.
    package var notices: (@Sendable (RotationNotice) -> Void)?
    /// Waits for so many milliseconds of real time, or until its task is cancelled: how long a rotator's call may take.
    package var pause: @Sendable (Int64) async -> Void = { try? await Task.sleep(for: .milliseconds($0)) }
    /// Called once the vault has been initialised: the token is spent.
    package var initialized: @Sendable () -> Void

    package init(
        store: any RecordStore, audit: any AuditSink, now: @escaping @Sendable () -> Timestamp,
        random: any RandomSource = SystemRandom(),
        policyFiles: @escaping @Sendable () throws(VaultError) -> [(name: String, text: String)],
        costLimits: CostLimits = .standard, defaultCosts: DerivationCosts = .standard,
        availableKiB: @escaping @Sendable () -> UInt64? = { nil }, initializationToken: WipedBytes? = nil,
        initialized: @escaping @Sendable () -> Void = {}
    ) {
        self.store = store
        self.audit = audit
        self.now = now
        self.random = random
        self.policyFiles = policyFiles
        self.costLimits = costLimits
        self.defaultCosts = defaultCosts
        self.availableKiB = availableKiB
        self.initializationToken = initializationToken
        self.initialized = initialized
    }
}

/// Milliseconds since the process first asked, by a clock that goes on while the machine sleeps.
private let steadyBeginning = ContinuousClock.now
private let steadyMilliseconds: @Sendable () -> Int64 = {
    let passed = steadyBeginning.duration(to: .now).components
    return passed.seconds * 1000 + passed.attoseconds / 1_000_000_000_000_000
}

/// Bounds of what the vault keeps.
package enum VaultLimits {
    /// Fields of one key.
    package static let fields = 32
    /// Bytes of one field.
    package static let fieldBytes = 64 * 1024
    /// Bytes of all fields of one version.
    package static let versionBytes = 256 * 1024
    /// Characters of a name, a provider or a tag.
    package static let nameCharacters = 200
    /// Characters of a description.
    package static let descriptionCharacters = 2_000
    package static let tags = 32
    /// Versions of a key that are kept; older ones without a stage are erased when a new one comes.
    package static let versionsKept = 10
    /// How long a deleted key can be restored: 30 days.
    package static let trashWindow: Int64 = 30 * 86_400_000
    /// Ciphertexts up to this size stay in memory once read.
    package static let cachedBytes = 512
    /// Keys of one bundle.
    package static let bundle = 256
    /// Keys of one import.
    package static let importKeys = 1_000
    /// Items of one page.
    package static let page = 1_000
    /// Refusals that can be explained afterwards.
    package static let decisions = 10_000
    /// Issuers of one vault.
    package static let issuers = 1_000
    /// Scopes, and tiers, of one issuer.
    package static let issuerScopes = 256
    package static let issuerTiers = 32
    /// Members of an issued key's metadata; the characters of one; the bytes of all.
    package static let metadataMembers = 32
    package static let metadataCharacters = 500
    package static let metadataBytes = 8 * 1024
    /// Issued keys that are brought in at once.
    package static let importIssued = 1_000
    /// Issued keys that are verified at once.
    package static let verifyBatch = 100
    /// Issued keys that a search by text gives at most.
    package static let found = 100
    /// Calls that wait for new entries of the audit log at one time.
    package static let followers = 64
    /// Calls to providers that are under way at one time.
    package static let rotationCalls = 16
    /// Keys that are rotated together where nobody outside is asked.
    package static let rotationBatch = 128
    /// Consumers of one key that are told apart.
    package static let consumers = 256
    /// Characters of the name of a consumer's instance.
    package static let instanceCharacters = 64
    /// How long before a key expires somebody is told: 7 days.
    package static let expiryNotice: Int64 = 7 * 86_400_000
    /// Enrolment codes that wait to be exchanged at one time.
    package static let enrolments = 1_000
    /// Retrievals that wait for a change at one time, unless the server says otherwise: in all, and of one caller.
    package static let waits = 900
    package static let waitsOfOne = 225
    /// Scopes, policies, networks of one issued key.
    package static let grants = 64
}
