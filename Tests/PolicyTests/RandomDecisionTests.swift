import Testing

@testable import Policy

/// Decides as the definition says, rule by rule.
private struct Reference {
    struct Rule {
        let effect: Effect
        let actions: [Action]
        let patterns: [String]
    }

    var policies: [String: [Rule]] = [:]

    func decide(_ held: [String], _ action: Action, _ path: String) -> Bool {
        let matching = held.flatMap { policies[$0] ?? [] }.filter { rule in
            rule.actions.contains(action) && rule.patterns.contains { Naive.matches($0, path) }
        }
        return matching.contains { $0.effect == .allow } && !matching.contains { $0.effect == .deny }
    }
}

@Suite("Random policies")
struct RandomDecisionTests {
    private static let pieces = ["a", "b", "c", "ab", "*", "a*", "*b", "**"]
    private static let words = ["a", "b", "c", "ab", "abb"]
    private static let actions = TargetKind.keys.actions

    private static func make(_ random: inout SeededGenerator) throws -> (PolicySet, Reference) {
        var reference = Reference()
        var files: [(name: String, text: String)] = []
        for name in ["p", "q", "r"] {
            var text = "policy: \(name)\nrules:\n"
            var rules: [Reference.Rule] = []
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                let effect: Effect = Int.random(in: 0..<4, using: &random) == 0 ? .deny : .allow
                let chosen = Array(actions.shuffled(using: &random).prefix(Int.random(in: 1...4, using: &random)))
                let patterns = Set(
                    (0..<Int.random(in: 1...3, using: &random)).map { _ in join(pieces, 4, &random) }
                ).sorted()
                rules.append(.init(effect: effect, actions: chosen, patterns: patterns))
                text += "  - \(effect.rawValue): [\(chosen.map(\.rawValue).joined(separator: ", "))]\n"
                text += "    keys: [\(patterns.map { "\"\($0)\"" }.joined(separator: ", "))]\n"
            }
            reference.policies[name] = rules
            files.append(("\(name).yaml", text))
        }
        return (try PolicySet.load(files: files), reference)
    }

    private static func join(_ words: [String], _ most: Int, _ random: inout SeededGenerator) -> String {
        (0..<Int.random(in: 1...most, using: &random)).map { _ in words.randomElement(using: &random) ?? "a" }
            .joined(separator: "/")
    }

    @Test("The index decides as the definition does, and the explanation agrees", arguments: 1...10)
    func agrees(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<12 {
            let (policies, reference) = try RandomDecisionTests.make(&random)
            for _ in 0..<150 {
                let held = Array(
                    ["p", "q", "r", "s"].shuffled(using: &random).prefix(Int.random(in: 0...4, using: &random)))
                let action = RandomDecisionTests.actions.randomElement(using: &random) ?? .list
                let name = RandomDecisionTests.join(RandomDecisionTests.words, 5, &random)
                let target = try key(name)
                let decision = policies.decide(held, action, target)
                #expect(decision.allowed == reference.decide(held, action, name), "\(held) \(action) \(name)")
                let explanation = policies.explain(held, action, target)
                #expect(explanation.decision == decision)
                #expect(explanation.matches.first == decision.rule)
                #expect(decision.unknownPolicies.isEmpty || decision.unknownPolicies == ["s"])
            }
        }
    }

    @Test(
        "More rules never allow what fewer denied by a deny, and a held policy more never unsays a deny",
        arguments: 1...5)
    func monotone(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let (policies, _) = try RandomDecisionTests.make(&random)
        for _ in 0..<300 {
            let action = RandomDecisionTests.actions.randomElement(using: &random) ?? .list
            let target = try key(RandomDecisionTests.join(RandomDecisionTests.words, 5, &random))
            let less = policies.decide(["p"], action, target)
            let more = policies.decide(["p", "q", "r"], action, target)
            if less.rule?.effect == .deny { #expect(!more.allowed) }
            if less.allowed, !more.allowed { #expect(more.rule?.effect == .deny) }
        }
    }

    @Test("Among a thousand rules the one that matches is found, wherever its stars are", arguments: [0, 499, 999])
    func thousand(number: Int) throws {
        let rules = (0..<1_000).map { index in
            "  - allow: [retrieve]\n    keys: [\"team-\(index)/**\", \"*/\(index)/x*\", \"**/last-\(index)\"]\n"
        }
        let policies = try set("policy: p\nrules:\n" + rules.joined())
        for found in [
            "team-\(number)", "team-\(number)/a/b", "any/\(number)/xyz", "a/b/c/last-\(number)", "last-\(number)",
        ] {
            #expect(policies.decide(["p"], .retrieve, try key(found)).rule?.line == 3 + 2 * number, "\(found)")
            #expect(!policies.decide(["p"], .list, try key(found)).allowed)
        }
        for other in ["team-1000/a", "any/\(number)/y", "any/any/\(number)/x", "last-\(number)/a", "\(number)/x"] {
            #expect(!policies.decide(["p"], .retrieve, try key(other)).allowed, "\(other)")
        }
    }
}
