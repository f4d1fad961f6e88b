/// What can be done, one word each. There is no word for "all": a rule lists what it means.
package enum Action: String, CaseIterable, Sendable {
    // On keys; `rotate` also on the hosts where keys are rotated.
    case list, inspect, retrieve, write, rotate, acknowledge, delete, restore, destroy
    // On issuers; `issue` also on the policies that an access key may be given.
    case issue, verify, revoke
    // On the vault as a whole; `renew` is about the caller's own access key.
    case audit, operate, administer, renew

    /// What this is done to. `issue` belongs to issuers, and to policies besides; `rotate` to keys, and to hosts besides.
    package var kind: TargetKind {
        switch self {
        case .list, .inspect, .retrieve, .write, .rotate, .acknowledge, .delete, .restore, .destroy: .keys
        case .issue, .verify, .revoke: .issuers
        case .audit, .operate, .administer, .renew: .vault
        }
    }

    /// Whether a rule on targets of `kind` can name this action.
    package func applies(to kind: TargetKind) -> Bool {
        self.kind == kind || (self == .issue && kind == .policies) || (self == .rotate && kind == .hosts)
    }

    /// One bit of an ``ActionSet``.
    fileprivate var bit: UInt16 {
        switch self {
        case .list: 1 << 0
        case .inspect: 1 << 1
        case .retrieve: 1 << 2
        case .write: 1 << 3
        case .rotate: 1 << 4
        case .acknowledge: 1 << 5
        case .delete: 1 << 6
        case .restore: 1 << 7
        case .destroy: 1 << 8
        case .issue: 1 << 9
        case .verify: 1 << 10
        case .revoke: 1 << 11
        case .audit: 1 << 12
        case .operate: 1 << 13
        case .administer: 1 << 14
        case .renew: 1 << 15
        }
    }
}

/// What a rule speaks of; the raw value is the word that a policy file uses, but for the vault, which has none.
package enum TargetKind: String, CaseIterable, Sendable {
    case keys, issuers, policies, hosts, vault

    /// The actions that a rule on this kind can name, in the order of ``Action``.
    package var actions: [Action] { Action.allCases.filter { $0.applies(to: self) } }
}

/// A set of actions in two bytes.
package struct ActionSet: Hashable, Sendable {
    private var bits: UInt16 = 0

    package init() {}

    package init(_ actions: some Sequence<Action>) {
        for action in actions { bits |= action.bit }
    }

    package func contains(_ action: Action) -> Bool { bits & action.bit != 0 }

    package mutating func insert(_ action: Action) { bits |= action.bit }

    package mutating func formUnion(_ other: ActionSet) { bits |= other.bits }

    /// The actions, in the order of ``Action``.
    package var actions: [Action] { Action.allCases.filter(contains) }
}
