import Testing

@testable import Policy

@Suite("Decisions")
struct DecisionTests {
    @Test("Without a rule everything is refused")
    func defaultDeny() throws {
        let policies = try set("policy: p\nrules:\n  - allow: [retrieve]\n    keys: [a]\n")
        for action in Action.allCases {
            for target in [try key("b"), .keyPrefix("b"), .issuer("keyturn"), .policy("p"), .vault] {
                #expect(!policies.decide(["p"], action, target).allowed)
                #expect(!policies.decide([], action, target).allowed)
                #expect(!PolicySet.builtIn.decide(["p"], action, target).allowed)
            }
        }
        #expect(policies.decide(["p"], .retrieve, try key("a")).allowed)
    }

    @Test("A wildcard on values grants nothing on metadata or destruction", arguments: Action.allCases)
    func wildcardOnValues(action: Action) throws {
        let policies = try set("policy: p\nrules:\n  - allow: [retrieve]\n    keys: [\"**\"]\n")
        let decision = policies.decide(["p"], action, try key("payments/stripe"))
        #expect(decision.allowed == (action == .retrieve))
        for target in [
            PolicyTarget.keyPrefix(""), .keyPrefix("payments"), .issuer("keyturn"), .policy("p"), .host("h:443"),
            .vault,
        ] {
            #expect(!policies.decide(["p"], action, target).allowed)
        }
    }

    @Test("Each action on everything of its kind grants no other", arguments: Action.allCases)
    func eachAction(action: Action) throws {
        let targets: [TargetKind: PolicyTarget] = [
            .keys: try key("a/b"), .issuers: .issuer("i"), .policies: .policy("q"),
            .hosts: .host("h:443"), .vault: .vault,
        ]
        let lines: [TargetKind: String] = [
            .keys: "    keys: [\"**\"]\n", .issuers: "    issuers: [\"*\"]\n", .policies: "    policies: [\"*\"]\n",
            .hosts: "    hosts: [\"*\"]\n", .vault: "",
        ]
        for kind in TargetKind.allCases where action.applies(to: kind) {
            let policies = try set("policy: p\nrules:\n  - allow: [\(action.rawValue)]\n\(lines[kind] ?? "")")
            for other in Action.allCases {
                for (otherKind, target) in targets {
                    let allowed = policies.decide(["p"], other, target).allowed
                    #expect(allowed == (other == action && otherKind == kind), "\(other) on \(otherKind)")
                }
            }
        }
    }

    @Test("A list is refused under a deny, with and without a slash at its end", arguments: ["secret", "secret/"])
    func listUnderDeny(prefix: String) throws {
        let policies = try set(
            "policy: p\nrules:\n  - allow: [list]\n    keys: [\"**\"]\n  - deny: [list]\n    keys: [\"secret/**\"]\n")
        let decision = policies.decide(["p"], .list, .keyPrefix(prefix))
        #expect(!decision.allowed)
        #expect(decision.rule?.line == 5)
        for denied in ["secret", "secret/a", "secret/a/b"] {
            #expect(!policies.decide(["p"], .list, try key(denied)).allowed)
        }
        for allowed in ["secrets", "public/secret"] {
            #expect(policies.decide(["p"], .list, try key(allowed)).allowed)
        }
        for open in ["", "public", "public/"] { #expect(policies.decide(["p"], .list, .keyPrefix(open)).allowed) }
        for deeper in ["secret/a", "secret/a/"] { #expect(!policies.decide(["p"], .list, .keyPrefix(deeper)).allowed) }
    }

    @Test("A list is allowed where something beneath may be listed, and refused for what is no prefix")
    func listPrefixes() throws {
        let policies = try set("policy: p\nrules:\n  - allow: [list]\n    keys: [\"a/*/c\"]\n")
        for allowed in ["", "a", "a/", "a/b", "a/b/c"] {
            #expect(policies.decide(["p"], .list, .keyPrefix(allowed)).allowed, "\(allowed)")
        }
        for refused in ["b", "a/b/d", "a/b/c/d", "a//", "/", "../a", "a/%2e", "*"] {
            #expect(!policies.decide(["p"], .list, .keyPrefix(refused)).allowed, "\(refused)")
        }
        #expect(!policies.decide(["p"], .retrieve, .keyPrefix("a")).allowed)
    }

    @Test("A deny wins from whichever policy, in whatever order")
    func denyWins() throws {
        let policies = try PolicySet.load(files: [
            ("a.yaml", "policy: a\nrules:\n  - allow: [retrieve]\n    keys: [x/y]\n"),
            ("b.yaml", "policy: b\nrules:\n  - deny: [retrieve]\n    keys: [\"x/**\"]\n    reason: closed\n"),
        ])
        for held in [["a", "b"], ["b", "a"], ["a", "gone", "b"], ["administrator", "b"], ["b", "administrator"]] {
            let decision = policies.decide(held, .retrieve, try key("x/y"))
            #expect(!decision.allowed)
            #expect(decision.rule?.policy == "b")
            #expect(decision.rule?.reason == "closed")
            #expect(decision.rule?.file == "b.yaml")
            #expect(decision.rule?.line == 3)
        }
        #expect(policies.decide(["a"], .retrieve, try key("x/y")).allowed)
    }

    @Test("A policy that no file defines gives nothing and is named")
    func unknown() throws {
        let policies = try set("policy: p\nrules:\n  - allow: [audit]\n")
        let refused = policies.decide(["gone"], .audit, .vault)
        #expect(!refused.allowed)
        #expect(refused.unknownPolicies == ["gone"])
        let allowed = policies.decide(["gone", "p"], .audit, .vault)
        #expect(allowed.allowed)
        #expect(allowed.unknownPolicies == ["gone"])
        #expect(!policies.decide(["P"], .audit, .vault).allowed)
    }

    @Test("The administrator may do everything, without any file", arguments: Action.allCases)
    func administrator(action: Action) throws {
        let targets = [
            try key("a/b/c"), .issuer("keyturn"), .policy("administrator"), .policy("p"), .host("h:443"),
            PolicyTarget.vault,
        ]
        for target in targets {
            let decision = PolicySet.builtIn.decide(["administrator"], action, target)
            #expect(decision.allowed == action.applies(to: target.kind))
        }
        #expect(PolicySet.builtIn.decide(["administrator"], .list, .keyPrefix("")).allowed)
        #expect(PolicySet.builtIn.names == ["administrator"])
    }

    @Test(
        "A name or path that is none is refused even to an administrator",
        arguments: ["", "a/b", "*", "..", "a b", String(repeating: "a", count: 65)])
    func badNames(name: String) {
        #expect(!PolicySet.builtIn.decide(["administrator"], .issue, .issuer(name)).allowed)
        #expect(!PolicySet.builtIn.decide(["administrator"], .issue, .policy(name)).allowed)
        #expect(!PolicySet.builtIn.decideGrant(["administrator"], of: name).allowed)
    }

    @Test("A rule for a host is for that host alone, and for its port where it names one")
    func hosts() throws {
        let policies = try set(
            """
            policy: p
            rules:
              - allow: [rotate]
                hosts: ["API.example.com", "*.internal:5432", "[2001:DB8::1]", "127.0.0.1:*"]
              - deny: [rotate]
                hosts: ["root.internal"]
            tests:
              - {allow: rotate, host: "api.example.com:443"}
              - {deny: rotate, host: "api.example.org:443"}

            """)
        for allowed in [
            "api.example.com:443", "api.example.com:8443", "API.EXAMPLE.COM:1", "db.eu.internal:5432",
            "[2001:db8::1]:443", "127.0.0.1:65535",
        ] {
            #expect(policies.decide(["p"], .rotate, .host(allowed)).allowed, "\(allowed)")
        }
        for refused in [
            "xapi.example.com:443", "api.example.com.evil:443", "api.example.com", "db.internal:5433", "internal:5432",
            "root.internal:5432", "[2001:db8::2]:443", "2001-db8--1:443", "V6_2001-db8--1:443", "127.0.0.1:0",
            "127.0.0.1:65536", "127.0.0.1:+1", "127.0.0.1:01", "api.example.com:443/..", "", ":443", "*:443",
            "api.example.com:*", "[]:443", "a b:443", "api.example.com:443:443",
        ] {
            #expect(!policies.decide(["p"], .rotate, .host(refused)).allowed, "\(refused)")
        }
        let explained = policies.explain(["p"], .rotate, .host("root.internal:5432"))
        #expect(explained.text.contains("`rotate` on the host root.internal:5432"))
    }

    @Test("An address of IPv6 stands with a port, in quotes of either kind, in a rule and in a test")
    func portsOfAddresses() throws {
        let policies = try set(
            """
            policy: p
            rules:
              - allow: [rotate]
                hosts: ["[::1]:8443", '[2001:DB8::2]:*', "[2001:db8:7::*]:443"]
            tests:
              - {allow: rotate, host: "[::1]:8443"}
              - {deny: rotate, host: '[::1]:8444'}

            """)
        for allowed in ["[::1]:8443", "[2001:db8::2]:1", "[2001:db8:7::9]:443"] {
            #expect(policies.decide(["p"], .rotate, .host(allowed)).allowed, "\(allowed)")
        }
        for refused in ["[::1]:443", "[::2]:8443", "[2001:db8:7::9]:444", "[2001:db8:8::9]:443"] {
            #expect(!policies.decide(["p"], .rotate, .host(refused)).allowed, "\(refused)")
        }
    }

    @Test(
        "What is no host is refused in a rule and in a test",
        arguments: [
            "a/b", "**", "a:", ":1", "a:0", "a:x", "a:65536", "[::1", "[::1]:", "[::1]:0", "[]:1", "a:b:c", ".a", "",
        ])
    func badHosts(pattern: String) {
        #expect(throws: PolicyErrors.self) {
            try set("policy: p\nrules:\n  - allow: [rotate]\n    hosts: [\"\(pattern)\"]\n")
        }
        #expect(throws: PolicyErrors.self) {
            try set(
                "policy: p\nrules:\n  - allow: [rotate]\n    hosts: [\"*\"]\ntests:\n  - {allow: rotate, host: \"\(pattern)\"}\n"
            )
        }
    }

    @Test("The first rule in the file is the one that is named, whatever its pattern")
    func firstRule() throws {
        let policies = try set(
            """
            policy: p
            rules:
              - allow: [list]
                keys: ["a/**"]
              - allow: [retrieve]
                keys: ["**/c"]
              - allow: [retrieve]
                keys: ["a/b/c", "a/**"]
              - allow: [retrieve]
                keys: ["a/b/*"]
            """)
        #expect(policies.decide(["p"], .retrieve, try key("a/b/c")).rule?.line == 5)
        #expect(policies.decide(["p"], .retrieve, try key("a/b/d")).rule?.line == 7)
        #expect(policies.decide(["p"], .list, try key("a/b/d")).rule?.line == 3)
    }

    @Test("Unix users hold the policies that list them, and nobody else does")
    func unixUsers() throws {
        let policies = try PolicySet.load(files: [
            ("b.yaml", "policy: b\nrules:\n  - allow: [audit]\ncallers:\n  unix-users: [alice, bob]\n"),
            ("a.yaml", "policy: a\nrules:\n  - allow: [audit]\ncallers:\n  unix-users: [alice]\n"),
        ])
        #expect(policies.policies(forUnixUser: "alice") == ["a", "b"])
        #expect(policies.policies(forUnixUser: "bob") == ["b"])
        for other in ["", "root", "nobody", "Alice", "ali"] { #expect(policies.policies(forUnixUser: other).isEmpty) }
        #expect(policies.names == ["a", "administrator", "b"])
        #expect(policies.summary(of: "b")?.unixUsers == ["alice", "bob"])
        #expect(policies.summary(of: "c") == nil)
    }
}

@Suite("Handing on policies")
struct GrantTests {
    static let text = """
        policy: operator
        rules:
          - allow: [issue]
            policies: ["*"]
          - deny: [issue]
            policies: ["*-root"]
          - allow: [issue]
            issuers: ["*"]
          - allow: [operate]
        """

    @Test("No pattern stands for administrator, and no rule can name it")
    func administrator() throws {
        let policies = try set(GrantTests.text)
        #expect(!policies.decide(["operator"], .issue, .policy("administrator")).allowed)
        #expect(!policies.decideGrant(["operator"], of: "administrator").allowed)
        #expect(policies.decideGrant(["operator"], of: "payments").allowed)
        #expect(policies.decideGrant(["administrator"], of: "administrator").allowed)
    }

    @Test("A rule on issuers hands on no policy")
    func issuers() throws {
        let policies = try set("policy: p\nrules:\n  - allow: [issue]\n    issuers: [\"*\"]\n")
        #expect(policies.decide(["p"], .issue, .issuer("keyturn")).allowed)
        #expect(!policies.decideGrant(["p"], of: "p").allowed)
    }

    @Test("Who may administer hands on every policy, but for those that a deny names")
    func administer() throws {
        let policies = try PolicySet.load(files: [
            ("a.yaml", "policy: a\nrules:\n  - allow: [administer]\n"),
            ("o.yaml", GrantTests.text),
            ("n.yaml", "policy: n\nrules:\n  - deny: [issue]\n    policies: [\"*\"]\n"),
        ])
        #expect(policies.decideGrant(["a"], of: "administrator").allowed)
        #expect(policies.decideGrant(["a"], of: "x-root").allowed)
        #expect(!policies.decideGrant(["a", "operator"], of: "x-root").allowed)
        #expect(!policies.decideGrant(["operator"], of: "x-root").allowed)
        #expect(!policies.decideGrant(["administrator", "n"], of: "administrator").allowed)
        #expect(!policies.decideGrant(["n"], of: "a").allowed)
        #expect(!policies.decideGrant([], of: "a").allowed)
    }
}
