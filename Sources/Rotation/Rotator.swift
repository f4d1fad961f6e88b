/// A way to replace a key at whoever issued it, such as `http` or `postgres`: what the configuration names, and what
/// a key's rotation settings choose by ``name``.
package protocol RotatorKind: Sendable {
    /// Lower-case letters, digits and `-`.
    var name: String { get }

    /// Reads the settings of one key once, so that each run finds them checked.
    ///
    /// Does no I/O beyond files that the operator owns.
    ///
    /// - Throws: ``RotatorSettingsError`` for an unknown setting, a missing one, or one that is wrong.
    func rotator(_ settings: [String: String]) throws(RotatorSettingsError) -> any Rotator
}

/// Replaces one key at its provider. The machine decides what is called and when, and writes that down before; this
/// makes one attempt at one call and says how it ended.
///
/// - Every call can come twice with the same ``RotationContext/token``: after a crash, or when its end was in doubt.
/// - A call never retries by itself, and ends early when its task is cancelled: after ``RotatorCapabilities/patience``
///   it is cancelled and counts as ``RotatorOutcome/doubtful(_:)``.
/// - Whatever can have had an effect and is not known to have ended well is `doubtful`; `notDone` and `rejected`
///   promise that nothing has changed at the provider.
/// - No secret is in a fault, in a handle or in anything that is logged.
package protocol Rotator: Sendable {
    var capabilities: RotatorCapabilities { get }

    /// What the settings reach besides the key itself: asked of the policies when they are written, and at each run.
    var reach: RotatorReach { get }

    /// How long the credentials live where an issuer of the vault's own makes them: the first in ``reach``. Nil where
    /// that is a provider's.
    var lifetime: IssuerOrder.Lifetime? { get }

    /// What the provider calls a credential with these fields, where the fields tell (an access key's id); nil where
    /// they do not. Pure.
    func handle(of fields: [RotationField]) -> String?

    /// Chooses the next fields without telling anybody: kept as the pending version before ``create(_:)`` sets them.
    ///
    /// Called where ``RotatorCapabilities/choosesValue`` says so. No effect outside.
    func propose(_ context: RotationContext) async -> RotatorOutcome<Candidate>

    /// Makes the next credential at the provider, or sets the one in ``RotationContext/proposed``.
    ///
    /// The machine refuses empty fields and a repetition of the current or previous value, whatever this returns.
    func create(_ context: RotationContext) async -> RotatorOutcome<Candidate>

    /// Whether `candidate` works. Changes nothing. A new credential that takes a while to be known everywhere is
    /// `notDone`, not `rejected`.
    func test(_ candidate: Candidate, _ context: RotationContext) async -> RotatorOutcome<Void>

    /// Ends a credential at the provider: the one before, a candidate that was refused, or an orphan (which has a
    /// handle and no fields). One that is gone already is `done`.
    func retire(_ credential: Candidate, _ context: RotationContext) async -> RotatorOutcome<Void>

    /// All credentials that the provider knows for this key. Called where ``RotatorCapabilities/canList`` says so.
    func list(_ context: RotationContext) async -> RotatorOutcome<[ListedCredential]>
}

extension Rotator {
    package var reach: RotatorReach { RotatorReach() }
    package var lifetime: IssuerOrder.Lifetime? { nil }
    package func handle(of fields: [RotationField]) -> String? { nil }
    package func propose(_ context: RotationContext) async -> RotatorOutcome<Candidate> {
        .rejected(.unsupported, newCandidate: false)
    }
    package func list(_ context: RotationContext) async -> RotatorOutcome<[ListedCredential]> {
        .rejected(.unsupported, newCandidate: false)
    }
}

/// What the machine has to know of a rotator with its settings.
package struct RotatorCapabilities: Sendable, Equatable {
    /// `list` tells every credential there is.
    package var canList = false
    /// `list` tells of each credential whether this attempt made it (by a name or tag that holds the token).
    package var marksAttempts = false
    /// Nobody else makes credentials there: what is listed, and was not before the attempt, is the attempt's.
    package var isExclusive = false
    /// `create` with the same token gives the same candidate again, its fields included.
    package var isIdempotent = false
    /// The rotator chooses the fields: `propose` comes before `create`.
    package var choosesValue = false
    /// The provider holds one credential, which `create` changes in place: the old one ends with it, and neither
    /// overlap nor retirement exists. Goes with ``choosesValue``.
    package var oneSlotOnly = false
    /// Nothing outside changes: `create`, `test` and `retire` are not called, and the proposal is promoted at once.
    /// Goes with ``choosesValue``.
    package var isLocal = false
    /// A person makes the new version: the machine only says that it is due.
    package var needsManualStep = false
    /// Milliseconds that one call may take.
    package var patience: Int64 = 30_000

    package init(
        canList: Bool = false, marksAttempts: Bool = false, isExclusive: Bool = false, isIdempotent: Bool = false,
        choosesValue: Bool = false, oneSlotOnly: Bool = false, isLocal: Bool = false, needsManualStep: Bool = false,
        patience: Int64 = 30_000
    ) {
        self.canList = canList
        self.marksAttempts = marksAttempts
        self.isExclusive = isExclusive
        self.isIdempotent = isIdempotent
        self.choosesValue = choosesValue
        self.oneSlotOnly = oneSlotOnly
        self.isLocal = isLocal
        self.needsManualStep = needsManualStep
        self.patience = patience
    }
}

/// What a rotator's settings name besides the key that it rotates.
package struct RotatorReach: Sendable, Equatable {
    /// `host:port`, each once.
    package var hosts: [String]
    /// Issuers of the vault's own.
    package var issuers: [String]
    /// Paths of other keys whose fields it needs, such as an administrator's: they come in
    /// ``RotationContext/others``.
    package var keys: [String]

    package init(hosts: [String] = [], issuers: [String] = [], keys: [String] = []) {
        self.hosts = hosts
        self.issuers = issuers
        self.keys = keys
    }
}

/// A setting that a rotator does not take. Says what would be right, and repeats nothing of it.
package struct RotatorSettingsError: Error, Equatable, Sendable {
    /// The setting's name.
    package var setting: String
    package var reason: String

    package init(_ setting: String, _ reason: String) {
        self.setting = setting
        self.reason = reason
    }
}
