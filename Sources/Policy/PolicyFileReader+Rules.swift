internal import StrictYAML

/// Reading `rules:`.
extension PolicyFileReader {
    private static let words = ["allow", "deny", "keys", "issuers", "policies", "hosts", "reason"]
    private static let longestReason = 200
    private static let kinds: [TargetKind: String] = [
        .keys: "keys:", .issuers: "issuers:", .policies: "policies:", .hosts: "hosts:",
        .vault: "a rule without keys:, issuers:, policies: or hosts:",
    ]

    mutating func readRules(_ node: YAMLNode, policy: String) -> [Rule] {
        guard let items = readList(node, "rules") else { return [] }
        guard items.count <= PolicyFile.mostRules else {
            findings.add(node.line, "there are \(items.count) rules", "write at most \(PolicyFile.mostRules)")
            return []
        }
        return items.compactMap { readRule($0, policy: policy) }
    }

    private mutating func readRule(_ node: YAMLNode, policy: String) -> Rule? {
        guard let pairs = readMapping(node, "a rule", "write allow: or deny:, and what it is about") else { return nil }
        let before = findings.errors.count
        let fields = known(pairs, PolicyFileReader.words, in: "a rule", line: node.line)
        let reason = fields["reason"].flatMap {
            readProse($0, "reason", most: PolicyFileReader.longestReason, oneLine: true)
        }
        let subject = readSubject(fields, line: node.line)
        let effects = [Effect.allow, .deny].filter { fields[$0.rawValue] != nil }
        guard effects.count == 1, let effect = effects.first, let list = fields[effect.rawValue] else {
            findings.add(
                node.line, effects.isEmpty ? "the rule neither allows nor denies" : "the rule both allows and denies",
                "write one of allow: and deny: with a list of actions")
            return nil
        }
        let actions = readActions(list, effect.rawValue, kind: subject?.kind)
        if effect == .allow, case .policies(let patterns)? = subject,
            patterns.contains(where: { $0.text.lowercased() == PolicyFile.administrator })
        {
            findings.add(
                fields["policies"]?.line ?? node.line, "no rule can hand on `administrator`",
                "only who holds the action administer gives it; remove it here")
        }
        guard let subject, findings.errors.count == before else { return nil }
        let reference = RuleReference(
            policy: policy, file: findings.file, line: node.line, effect: effect, reason: reason)
        return Rule(effect: effect, actions: ActionSet(actions), subject: subject, reference: reference)
    }

    private mutating func readActions(_ node: YAMLNode, _ word: String, kind: TargetKind?) -> [Action] {
        var actions: [Action] = []
        for item in readList(node, word) ?? [] {
            guard let action = readAction(item, "an action") else { continue }
            if let kind, !action.applies(to: kind) {
                addMismatch(action, with: kind, item.line, words: PolicyFileReader.kinds)
            }
            if actions.contains(action) {
                findings.add(item.line, "`\(action.rawValue)` is listed twice", "keep one")
            }
            actions.append(action)
        }
        return actions
    }

    private mutating func readSubject(_ fields: [String: YAMLNode], line: Int) -> Rule.Subject? {
        let kinds: [TargetKind] = [.keys, .issuers, .policies, .hosts].filter { fields[$0.rawValue] != nil }
        guard kinds.count <= 1 else {
            findings.add(line, "the rule is about several kinds of targets", "write a rule for each")
            return nil
        }
        guard let kind = kinds.first, let list = fields[kind.rawValue] else { return .vault }
        guard let items = readList(list, kind.rawValue) else { return nil }
        var patterns: [PathPattern] = []
        for item in items {
            guard let text = readText(item, "a pattern"), let pattern = readPattern(text, kind, item.line) else {
                continue
            }
            if patterns.contains(pattern) {
                findings.add(item.line, "\(Findings.shown(text)) is listed twice", "keep one")
            }
            patterns.append(pattern)
        }
        guard patterns.count == items.count else { return nil }
        switch kind {
        case .keys: return .keys(patterns)
        case .issuers: return .issuers(patterns)
        case .policies: return .policies(patterns)
        case .hosts: return .hosts(patterns)
        case .vault: return .vault
        }
    }

    private mutating func readPattern(_ text: String, _ kind: TargetKind, _ line: Int) -> PathPattern? {
        let pattern: PathPattern
        do {
            pattern = try kind == .hosts ? HostPattern.pattern(text) : PathPattern(parsing: text)
        } catch {
            findings.add(line, "\(Findings.shown(text)) is no pattern: \(error.problem)", error.remedy)
            return nil
        }
        guard kind == .keys || kind == .hosts || (pattern.parts.count == 1 && pattern.parts[0].kind != .deep) else {
            findings.add(line, "\(Findings.shown(text)) is no pattern for names", "names have one segment: use * alone")
            return nil
        }
        return pattern
    }
}
