/// The reply of `POST /v1/keys/{path}:plan`: what the next rotation would do, and when. Nothing is done, and nobody is
/// asked.
package struct RotationPlanReply: Codable, Equatable, Sendable {
    /// The key.
    package var path: String
    /// Who makes the new value.
    package var rotator: String
    /// Where its rotation stands.
    package var state: KeyRotationState
    /// True where nothing is begun until it is unpaused; else not there.
    package var paused: Bool?
    /// When the next rotation begins by itself; not there where it does not.
    package var begins: Timestamp?
    /// What it does then, in order.
    package var steps: [RotationPlanStep]
    /// When those after it are due, as far as that is known; at most five.
    package var later: [Timestamp]
    /// What it asks outside, as `host:port`.
    package var hosts: [String]
    /// Issuers of the vault's own that it uses.
    package var issuers: [String]
    /// Other keys that it reads.
    package var keys: [String]
    /// Whether whoever wrote the settings may reach all of that now; else it would not be done.
    package var permitted: Bool
    /// Who uses the key now and would have to move before the version before is ended.
    package var consumers: [KeyConsumer]

    enum CodingKeys: String, CodingKey {
        case path, rotator, state, paused, begins, steps, later, hosts, issuers, keys, permitted, consumers
    }

    package init(
        path: String, rotator: String, state: KeyRotationState, paused: Bool? = nil, begins: Timestamp? = nil,
        steps: [RotationPlanStep], later: [Timestamp] = [], hosts: [String] = [], issuers: [String] = [],
        keys: [String] = [], permitted: Bool = true, consumers: [KeyConsumer] = []
    ) {
        self.path = path
        self.rotator = rotator
        self.state = state
        self.paused = paused
        self.begins = begins
        self.steps = steps
        self.later = later
        self.hosts = hosts
        self.issuers = issuers
        self.keys = keys
        self.permitted = permitted
        self.consumers = consumers
    }
}

/// One step of a plan.
package struct RotationPlanStep: Codable, Equatable, Sendable {
    /// Its name: `create`, `test`, `promote`, `retire` and the like.
    package var step: String
    /// What it does, in a sentence.
    package var what: String
    /// Whether somebody outside is asked.
    package var outside: Bool
    /// When it does so at the earliest; else as soon as the step before is over.
    package var at: Timestamp?

    enum CodingKeys: String, CodingKey {
        case step, what, outside, at
    }

    package init(step: String, what: String, outside: Bool, at: Timestamp? = nil) {
        self.step = step
        self.what = what
        self.outside = outside
        self.at = at
    }
}
