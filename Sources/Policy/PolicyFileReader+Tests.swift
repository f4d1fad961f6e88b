internal import StrictYAML

/// Reading `tests:`.
extension PolicyFileReader {
    private static let words = ["allow", "deny", "key", "issuer", "policy", "host"]
    private static let kinds: [TargetKind: String] = [
        .keys: "key:", .issuers: "issuer:", .policies: "policy:", .hosts: "host:",
        .vault: "a test without key:, issuer:, policy: or host:",
    ]

    mutating func readTests(_ node: YAMLNode) -> [PolicyTest] {
        guard let items = readList(node, "tests") else { return [] }
        return items.compactMap { readTest($0) }
    }

    private mutating func readTest(_ node: YAMLNode) -> PolicyTest? {
        guard let pairs = readMapping(node, "a test", "write {allow: retrieve, key: some/path}") else { return nil }
        let before = findings.errors.count
        let fields = known(pairs, PolicyFileReader.words, in: "a test", line: node.line)
        let target = readTarget(fields, line: node.line)
        let effects = [Effect.allow, .deny].filter { fields[$0.rawValue] != nil }
        guard effects.count == 1, let effect = effects.first, let named = fields[effect.rawValue] else {
            findings.add(
                node.line, effects.isEmpty ? "the test expects nothing" : "the test expects both",
                "write one of allow: and deny: with an action or a list of actions")
            return nil
        }
        var items = [named]
        if case .list = named.content { items = readList(named, effect.rawValue) ?? [] }
        var actions: [Action] = []
        for item in items {
            guard let action = readAction(item, "an action") else { continue }
            if let target, !action.applies(to: target.kind) {
                addMismatch(action, with: target.kind, item.line, words: PolicyFileReader.kinds)
            }
            actions.append(action)
        }
        guard let target, findings.errors.count == before else { return nil }
        return PolicyTest(line: node.line, expected: effect, actions: actions, target: target)
    }

    private mutating func readTarget(_ fields: [String: YAMLNode], line: Int) -> PolicyTarget? {
        let words = ["key", "issuer", "policy", "host"].filter { fields[$0] != nil }
        guard words.count <= 1 else {
            findings.add(line, "the test is about several targets", "write a test for each")
            return nil
        }
        guard let word = words.first, let node = fields[word] else { return .vault }
        guard let text = readText(node, word) else { return nil }
        if word == "key" {
            do {
                return .key(try ResourcePath(parsing: text))
            } catch {
                findings.add(
                    node.line, "\(Findings.shown(text)) is no key: \(error)", "write a key's path, without stars")
                return nil
            }
        }
        if word == "host" {
            guard HostPattern.path(of: text) != nil else {
                findings.add(
                    node.line, "\(Findings.shown(text)) is no host",
                    "write a host and a port, such as api.stripe.com:443")
                return nil
            }
            return .host(text)
        }
        guard Segment.isName(text) else {
            findings.add(
                node.line, "\(Findings.shown(text)) is no name", "write the name of one \(word), without stars")
            return nil
        }
        return word == "issuer" ? .issuer(text) : .policy(text)
    }
}
