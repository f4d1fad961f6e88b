/// One policy, ready to decide by.
final class CompiledPolicy: Sendable {
    let name: String
    let file: String
    let description: String?
    let rules: [Rule]
    let unixUsers: [String]
    let testCount: Int
    /// What the rules on issuers allow to do with any.
    let issuerActions: ActionSet
    private let allows: Rules
    private let denies: Rules
    /// Whether it may hand on `administrator`, which no pattern of a file stands for.
    private let isAdministrator: Bool

    /// The rules with one effect, by what they are about.
    private struct Rules: Sendable {
        var keys = RuleIndex()
        var issuers = RuleIndex()
        var policies = RuleIndex()
        var hosts = RuleIndex()
        var vault: [(rule: Int, actions: ActionSet)] = []

        mutating func add(_ rule: Rule, at place: Int) {
            for pattern in rule.subject.patterns {
                switch rule.subject {
                case .keys: keys.add(rule: place, actions: rule.actions, pattern: pattern)
                case .issuers: issuers.add(rule: place, actions: rule.actions, pattern: pattern)
                case .policies: policies.add(rule: place, actions: rule.actions, pattern: pattern)
                case .hosts: hosts.add(rule: place, actions: rule.actions, pattern: pattern)
                case .vault: break
                }
            }
            if case .vault = rule.subject { vault.append((place, rule.actions)) }
        }
    }

    convenience init(_ policy: PolicyFile) {
        self.init(
            name: policy.name, file: policy.file, description: policy.description, rules: policy.rules,
            unixUsers: policy.unixUsers, testCount: policy.tests.count, isAdministrator: false)
    }

    /// `administrator`: every action on everything.
    static let administrator: CompiledPolicy = {
        let reference = RuleReference(
            policy: PolicyFile.administrator, file: "built in", line: 0, effect: .allow, reason: nil)
        let subjects: [Rule.Subject] = [
            .keys([.everything]), .issuers([.everything]), .policies([.everything]), .hosts([.everything]), .vault,
        ]
        let rules = subjects.map { subject in
            Rule(effect: .allow, actions: ActionSet(subject.kind.actions), subject: subject, reference: reference)
        }
        return CompiledPolicy(
            name: PolicyFile.administrator, file: "built in", description: "Every action on everything.", rules: rules,
            unixUsers: [], testCount: 0, isAdministrator: true)
    }()

    private init(
        name: String, file: String, description: String?, rules: [Rule], unixUsers: [String], testCount: Int,
        isAdministrator: Bool
    ) {
        self.name = name
        self.file = file
        self.description = description
        self.rules = rules
        self.unixUsers = unixUsers
        self.testCount = testCount
        self.isAdministrator = isAdministrator
        var issuerActions = ActionSet()
        for rule in rules where rule.effect == .allow && rule.subject.kind == .issuers {
            issuerActions.formUnion(rule.actions)
        }
        self.issuerActions = issuerActions
        var allows = Rules()
        var denies = Rules()
        for (place, rule) in rules.enumerated() {
            switch rule.effect {
            case .allow: allows.add(rule, at: place)
            case .deny: denies.add(rule, at: place)
            }
        }
        self.allows = allows
        self.denies = denies
    }

    /// The first rule with `effect` that names `action` and fits the path or name in `bytes`.
    func first(
        _ effect: Effect, _ action: Action, _ kind: TargetKind, _ bytes: Span<UInt8>, _ hashes: borrowing SegmentHashes
    ) -> RuleReference? {
        let place: Int?
        switch (kind, effect) {
        case (.keys, .allow): place = allows.keys.first(action, bytes, hashes)
        case (.keys, .deny): place = denies.keys.first(action, bytes, hashes)
        case (.issuers, .allow): place = allows.issuers.first(action, bytes, hashes)
        case (.issuers, .deny): place = denies.issuers.first(action, bytes, hashes)
        case (.policies, .allow): place = grants(bytes) ? allows.policies.first(action, bytes, hashes) : nil
        case (.policies, .deny): place = denies.policies.first(action, bytes, hashes)
        case (.hosts, .allow): place = allows.hosts.first(action, bytes, hashes)
        case (.hosts, .deny): place = denies.hosts.first(action, bytes, hashes)
        case (.vault, .allow): place = allows.vault.first { $0.actions.contains(action) }?.rule
        case (.vault, .deny): place = denies.vault.first { $0.actions.contains(action) }?.rule
        }
        return place.map { rules[$0].reference }
    }

    /// The first rule with `effect` that decides whether the keys at or beneath `prefix` may be listed: a deny that
    /// takes all of them, or an allow that may give one.
    func first(_ effect: Effect, listing prefix: Span<UInt8>) -> RuleReference? {
        for rule in rules where rule.effect == effect && rule.actions.contains(.list) {
            if fits(rule, prefix: prefix) { return rule.reference }
        }
        return nil
    }

    /// Whether a rule is about the keys at or beneath `prefix`, as in ``first(_:listing:)``.
    func fits(_ rule: Rule, prefix: Span<UInt8>) -> Bool {
        guard case .keys(let patterns) = rule.subject else { return false }
        for pattern in patterns {
            switch rule.effect {
            case .allow: if pattern.mayMatch(atOrBeneath: prefix) { return true }
            case .deny: if pattern.matchesAll(atOrBeneath: prefix) { return true }
            }
        }
        return false
    }

    /// Whether a rule is about the path or name in `bytes`, whatever its actions. For explanations.
    func fits(_ rule: Rule, _ kind: TargetKind, _ bytes: Span<UInt8>) -> Bool {
        guard rule.subject.kind == kind else { return false }
        if kind == .vault { return true }
        if kind == .policies, rule.effect == .allow, !grants(bytes) { return false }
        for pattern in rule.subject.patterns where pattern.matches(bytes) { return true }
        return false
    }

    /// Whether a rule of this policy can allow to hand on the policy in `name` at all.
    private func grants(_ name: Span<UInt8>) -> Bool {
        if isAdministrator { return true }
        let administrator = PolicyFile.administrator.utf8.span
        guard name.count == administrator.count else { return true }
        for offset in name.indices where name[offset] != administrator[offset] { return true }
        return false
    }
}
