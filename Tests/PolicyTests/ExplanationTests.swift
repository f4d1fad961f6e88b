import Testing

@testable import Policy

@Suite("Explanations")
struct ExplanationTests {
    static let text = """
        policy: p
        rules:
          - allow: [retrieve, list]
            keys: ["a/**"]
          - deny: [retrieve]
            keys: ["a/*/root"]
            reason: for people
          - allow: [verify]
            issuers: [web]
          - allow: [audit]
        """

    @Test("Without a matching rule that is said, with the rules that come near and the action that is missing")
    func nothingMatched() throws {
        let explanation = try set(ExplanationTests.text).explain(["p"], .rotate, try key("a/b"))
        #expect(explanation.decision.rule == nil)
        #expect(explanation.matches.isEmpty)
        #expect(explanation.needed == [.rotate])
        #expect(explanation.nearMisses.map(\.rule.line) == [3])
        #expect(explanation.nearMisses.map(\.actions) == [[.list, .retrieve]])
        #expect(explanation.text.hasPrefix("refused: no rule matched `rotate` on the key a/b\n"))
    }

    @Test("A deny is named with its file, line and reason, and the allow that it overrules too")
    func denied() throws {
        let explanation = try set(ExplanationTests.text).explain(["p"], .retrieve, try key("a/b/root"))
        #expect(explanation.matches.map(\.line) == [5, 3])
        #expect(explanation.matches.map(\.effect) == [.deny, .allow])
        #expect(explanation.nearMisses.isEmpty)
        #expect(explanation.text.contains("the deny rule at p.yaml:5 (policy p): for people"))
        #expect(explanation.text.contains("the allow rule at p.yaml:3"))
    }

    @Test("Issuers, policies, prefixes and the vault are explained alike")
    func kinds() throws {
        let policies = try set(ExplanationTests.text)
        let issuer = policies.explain(["p"], .revoke, .issuer("web"))
        #expect(issuer.nearMisses.map(\.actions) == [[.verify]])
        let granted = policies.explain(["p"], .issue, .policy("q"))
        #expect(granted.needed == [.issue, .administer])
        #expect(granted.text.contains("`issue` or `administer`"))
        let vault = policies.explain(["p"], .operate, .vault)
        #expect(vault.nearMisses.map(\.rule.line) == [10])
        #expect(vault.text.hasPrefix("refused: no rule matched `operate`\n"))
        let list = policies.explain(["p"], .list, .keyPrefix("b/"))
        #expect(!list.decision.allowed)
        #expect(list.matches.isEmpty)
        #expect(policies.explain(["p"], .list, .keyPrefix("")).text.hasPrefix("allowed: `list` on all keys"))
    }

    @Test("A policy that is held and not defined is named once")
    func unknown() throws {
        let explanation = try set(ExplanationTests.text).explain(["gone"], .audit, .vault)
        #expect(explanation.unknownPolicies == ["gone"])
        #expect(explanation.text.contains("the policy gone, which no file defines"))
    }

    @Test("A name from outside that is none is not repeated")
    func inert() throws {
        let policies = try set(ExplanationTests.text)
        for target in [PolicyTarget.issuer("x\u{1b}[2J\nforged"), .policy("x\nforged"), .keyPrefix("x\nforged")] {
            #expect(!policies.explain(["p"], .list, target).text.contains("forged"))
        }
    }

    @Test("The administrator's rule is told without a file")
    func administrator() throws {
        let explanation = PolicySet.builtIn.explain(["administrator"], .destroy, try key("a"))
        #expect(
            explanation.text
                == "allowed: `destroy` on the key a matches the allow rule at policy administrator (built in)")
    }
}

@Suite("Embedded tests and loading")
struct LoadingTests {
    @Test(
        "A failing test stops the load with its line",
        arguments: [
            ("{allow: rotate, key: a}", "allow rotate on the key a is expected, but no rule matches"),
            (
                "{deny: retrieve, key: a}",
                "deny retrieve on the key a is expected, but the allow rule at line 3 matches"
            ),
            (
                "{allow: retrieve, key: a/root}",
                "allow retrieve on the key a/root is expected, but the deny rule at line 5"
            ),
            ("{allow: [audit, administer]}", "allow administer is expected, but no rule matches"),
            ("{allow: issue, policy: administrator}", "on the policy administrator is expected, but no rule matches"),
            ("{allow: issue, issuer: web}", "on the issuer web is expected, but no rule matches"),
        ])
    func failing(line: String, words: String) {
        let found = errors(
            """
            policy: p
            rules:
              - allow: [retrieve]
                keys: ["a/**"]
              - deny: [retrieve]
                keys: ["**/root"]
              - allow: [audit]
              - allow: [issue]
                policies: ["*"]
            tests:
              - {allow: retrieve, key: a}
              - \(line)
              - {deny: retrieve, key: b}
            """)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("p.yaml:12: this test fails: ") == true, "\(found)")
        #expect(found.first?.contains(words) == true, "\(found)")
    }

    @Test("One bad file among good ones stops all of them")
    func allOrNone() {
        let good = (0..<5).map { ("g\($0).yaml", "policy: g\($0)\nrules:\n  - allow: [audit]\n") }
        #expect(throws: PolicyErrors.self) { try PolicySet.load(files: good + [("bad.yaml", "policy: b\nrule: []\n")]) }
        #expect((try? PolicySet.load(files: good))?.names.count == 6)
    }

    @Test("Tests of one file are not changed by another")
    func alone() throws {
        let policies = try PolicySet.load(files: [
            ("a.yaml", "policy: a\nrules:\n  - deny: [audit]\n"),
            ("b.yaml", "policy: b\nrules:\n  - allow: [audit]\ntests:\n  - {allow: audit}\n"),
        ])
        #expect(policies.summary(of: "b")?.testCount == 1)
    }

    @Test("The canonical bytes name the files and their texts, and nothing else gives the same")
    func canonical() {
        let one = PolicySet.canonicalBytes(of: [("a", "x"), ("b", "")])
        #expect(one == PolicySet.canonicalBytes(of: [("b", ""), ("a", "x")]))
        let expected: [UInt8] = [1, 0, 0, 0, 97, 1, 0, 0, 0, 120, 1, 0, 0, 0, 98, 0, 0, 0, 0]
        #expect(one == Array("keyturn policies 1\n".utf8) + expected)
        let others: [[(name: String, text: String)]] = [
            [], [("a", "x")], [("a", "xb"), ("b", "")], [("ax", ""), ("b", "")], [("a", ""), ("b", "x")],
        ]
        for other in others { #expect(PolicySet.canonicalBytes(of: other) != one) }
    }
}
