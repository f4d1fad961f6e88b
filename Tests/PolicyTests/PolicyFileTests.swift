import Testing

@testable import Policy

@Suite("Policy files")
struct PolicyFileTests {
    static let head = "policy: p\nrules:\n"
    static let whole = "policy: p\nrules:\n  - allow: [audit]\n"

    /// The text of a file, its only error's line, and words that its message holds.
    static let refusals: [(text: String, line: Int, words: [String])] = [
        ("", 1, ["no policy", "policy: NAME"]),
        ("# nothing\n", 1, ["no policy"]),
        ("[]", 1, ["a list"]),
        ("just text", 1, ["a text"]),
        (whole + "colour: blue\n", 4, ["`colour` is no word", "policy, description, rules, callers, tests"]),
        ("rules:\n  - allow: [audit]\n", 1, ["no name"]),
        ("policy: p\n", 1, ["no rules"]),
        ("policy: p\nrules: []\n", 2, ["empty list"]),
        ("policy: p\nrules: {}\n", 2, ["a mapping", "a list"]),
        ("policy: p\nrules:\n", 2, ["nothing", "a list"]),
        ("policy: p\nrules: audit\n", 2, ["a text"]),
        ("policy:\nrules:\n  - allow: [audit]\n", 1, ["nothing", "one text"]),
        ("policy: [p]\nrules:\n  - allow: [audit]\n", 1, ["a list", "one text"]),
        ("policy: a b\nrules:\n  - allow: [audit]\n", 1, ["cannot be a policy's name"]),
        ("policy: .p\nrules:\n  - allow: [audit]\n", 1, ["cannot be a policy's name"]),
        ("policy: a/b\nrules:\n  - allow: [audit]\n", 1, ["cannot be a policy's name"]),
        ("policy: \(String(repeating: "a", count: 65))\nrules:\n  - allow: [audit]\n", 1, ["cannot be", "64"]),
        ("policy: administrator\nrules:\n  - allow: [audit]\n", 1, ["built in"]),
        ("policy: Administrator\nrules:\n  - allow: [audit]\n", 1, ["built in"]),
        ("policy: \"administrator\"\nrules:\n  - deny: [audit]\n", 1, ["built in"]),
        (head + "  - [audit]\n", 3, ["a rule is a list"]),
        (head + "  - audit\n", 3, ["a rule is a text"]),
        (head + "  - keys: [\"**\"]\n", 3, ["neither allows nor denies"]),
        (head + "  - allow: [audit]\n    deny: [operate]\n", 3, ["both"]),
        (head + "  - allow: audit\n", 3, ["allow is a text", "a list"]),
        (head + "  - allow: []\n", 3, ["empty list"]),
        (head + "  - allow: [Audit]\n", 3, ["`Audit` is no action", "the actions are list"]),
        (head + "  - allow: [audit, audit]\n", 3, ["listed twice"]),
        (head + "  - allow: [[audit]]\n", 3, ["an action is a list"]),
        (head + "  - allow: [audit]\n    kyes: [a]\n", 4, ["`kyes` is no word of a rule", "keys"]),
        (head + "  - allow: [retrieve]\n    keys: a\n", 4, ["keys is a text"]),
        (head + "  - allow: [retrieve]\n    keys: []\n", 4, ["empty list"]),
        (head + "  - allow: [retrieve]\n    keys: [a, a]\n", 4, ["listed twice"]),
        (head + "  - allow: [retrieve]\n    keys:\n      - a\n      - b/\n", 6, ["`b/` is no pattern", "is empty"]),
        (head + "  - allow: [retrieve]\n    keys: [\"a**\"]\n", 4, ["`a**` is no pattern", "whole segment"]),
        (head + "  - allow: [retrieve]\n    keys: [\"/v1/values/a?b\"]\n", 4, ["this text is no pattern"]),
        (
            head + "  - allow: [retrieve]\n    issuers: [a]\n", 3,
            ["`retrieve` does not go with issuers:", "goes with keys:"]
        ),
        (head + "  - allow: [issue]\n    keys: [a]\n", 3, ["goes with issuers: or policies:"]),
        (head + "  - allow: [verify]\n    policies: [a]\n", 3, ["goes with issuers:"]),
        (head + "  - allow: [audit]\n    keys: [a]\n", 3, ["goes with a rule without keys:"]),
        (head + "  - allow: [retrieve]\n", 3, ["`retrieve` does not go with a rule without keys:", "goes with keys:"]),
        (head + "  - allow: [issue]\n    issuers: [a/b]\n", 4, ["no pattern for names"]),
        (head + "  - allow: [issue]\n    issuers: [\"**\"]\n", 4, ["no pattern for names", "use * alone"]),
        (head + "  - allow: [issue]\n    issuers: [a]\n    policies: [a]\n", 3, ["several kinds"]),
        (head + "  - allow: [issue]\n    policies: [administrator]\n", 4, ["no rule can hand on `administrator`"]),
        (head + "  - allow: [audit]\n    reason:\n", 4, ["reason is nothing"]),
        (head + "  - allow: [audit]\n    reason: \"a\\eb\"\n", 4, ["control or invisible"]),
        (head + "  - allow: [audit]\n    reason: \"a\\u202eb\"\n", 4, ["control or invisible"]),
        (head + "  - allow: [audit]\n    reason: \"a\\nb\"\n", 4, ["one line"]),
        (head + "  - allow: [audit]\n    reason: \(String(repeating: "a", count: 201))\n", 4, ["201 bytes", "200"]),
        (whole + "description: [a]\n", 4, ["description is a list"]),
        (whole + "callers: [a]\n", 4, ["callers is a list", "unix-users:"]),
        (whole + "callers:\n  certificates: [a]\n", 5, ["`certificates` is no word", "unix-users"]),
        (whole + "callers:\n  unix-users: a\n", 5, ["a text"]),
        (whole + "callers:\n  unix-users: [\"*\"]\n", 5, ["patterns are not taken"]),
        (whole + "callers:\n  unix-users: [nobody]\n", 5, ["`nobody`"]),
        (whole + "callers:\n  unix-users: [\"1000\"]\n", 5, ["is a number"]),
        (whole + "callers:\n  unix-users: [a, a]\n", 5, ["listed twice"]),
        (whole + "tests: []\n", 4, ["empty list"]),
        (whole + "tests:\n  - audit\n", 5, ["a test is a text"]),
        (whole + "tests:\n  - {key: a}\n", 5, ["expects nothing"]),
        (whole + "tests:\n  - {allow: audit, deny: audit}\n", 5, ["expects both"]),
        (whole + "tests:\n  - {allow: audits}\n", 5, ["`audits` is no action"]),
        (whole + "tests:\n  - {allow: []}\n", 5, ["empty list"]),
        (whole + "tests:\n  - {deny: retrieve, keys: a}\n", 5, ["`keys` is no word of a test", "key"]),
        (whole + "tests:\n  - {deny: retrieve, key: \"a/**\"}\n", 5, ["is no key", "without stars"]),
        (whole + "tests:\n  - {deny: issue, issuer: \"*\"}\n", 5, ["is no name"]),
        (whole + "tests:\n  - {deny: retrieve, issuer: a}\n", 5, ["goes with key:"]),
        (whole + "tests:\n  - {deny: retrieve}\n", 5, ["goes with key:"]),
        (whole + "tests:\n  - {deny: issue, issuer: a, policy: a}\n", 5, ["several targets"]),
    ]

    @Test("A mistake is refused with its line, what is wrong and what would be right", arguments: refusals.indices)
    func refused(index: Int) throws {
        let (text, line, words) = PolicyFileTests.refusals[index]
        let found = errors(text)
        // A rule that is about nothing known may raise a second error; the expected one is among at most two.
        let expected = try #require(
            found.first { $0.hasPrefix("p.yaml:\(line): ") && words.allSatisfy($0.contains) }, "\(found)")
        #expect(found.count <= 2, "\(found)")
        #expect(expected.contains("; "))
    }

    @Test("All mistakes of all files are told at once, in order")
    func collected() {
        do {
            _ = try PolicySet.load(files: [
                ("b.yaml", "policy: b\nrules:\n  - allow: [audit]\nx: 1\n"),
                (
                    "a.yaml",
                    "policy: a\nx: 1\nrules:\n  - allow: [nothing]\n  - allow: [retrieve]\n    keys: [\"//\"]\n"
                ),
            ])
            Issue.record("the files were loaded")
        } catch {
            #expect(error.errors.map { "\($0.file):\($0.line)" } == ["a.yaml:2", "a.yaml:4", "a.yaml:6", "b.yaml:4"])
        }
    }

    @Test("More than a hundred mistakes are counted, not listed")
    func many() {
        let lines = (0..<150).map { "word\($0): x\n" }.joined()
        do {
            _ = try PolicySet.load(files: [("p.yaml", PolicyFileTests.whole + lines)])
            Issue.record("the file was loaded")
        } catch {
            #expect(error.errors.count == 100)
            #expect(error.untold == 50)
            #expect(error.description.hasSuffix("and 50 more"))
        }
    }

    @Test("What a file holds that is no plain word is not repeated by an error")
    func silent() {
        let secret = "sk_live_\(String(repeating: "x", count: 60))"
        for text in [
            "\(secret): p\n", "policy: \(secret)\nrules:\n  - allow: [audit]\n",
            PolicyFileTests.head + "  - allow: [\(secret)]\n",
            PolicyFileTests.head + "  - allow: [retrieve]\n    keys: [\"p ssw=\(secret)\"]\n",
            "\(secret)\n", "a: \"\(secret)\n",
        ] {
            let found = errors(text)
            #expect(!found.isEmpty)
            #expect(!found.contains { $0.contains("sk_live") }, "\(found)")
        }
    }

    @Test("A name in two files is refused, and so are names that differ in case alone")
    func duplicates() {
        for other in ["p", "P"] {
            do {
                _ = try PolicySet.load(files: [
                    ("a.yaml", PolicyFileTests.whole), ("b.yaml", "policy: \(other)\nrules:\n  - deny: [audit]\n"),
                ])
                Issue.record("both were loaded")
            } catch {
                #expect(error.errors.count == 1)
                #expect(error.description.contains("b.yaml:1: the policy `\(other)` is already defined in a.yaml:1"))
            }
        }
    }

    @Test("A file given twice is refused")
    func sameFile() {
        #expect(throws: PolicyErrors.self) {
            try PolicySet.load(files: [("a.yaml", PolicyFileTests.whole), ("a.yaml", PolicyFileTests.whole)])
        }
    }

    @Test("A full file is read as it is written, with the line of each rule")
    func full() throws {
        let policy = try PolicyFile.parse(
            file: "p.yaml",
            text: """
                # A comment
                policy: 'p'
                description: |
                  Two lines
                  of text & more.
                rules:
                  # another
                  - allow: [retrieve, list]
                    keys:
                      - "a/**"
                      - b
                  - {deny: [issue], policies: ["*-root"], reason: "no: people"}
                  -
                    allow: [audit, operate]
                callers:
                  unix-users: [alice, _b-c.d]
                tests:
                  - {allow: [retrieve, list], key: a/b}
                """)
        #expect(policy.name == "p")
        #expect(policy.nameLine == 2)
        #expect(policy.description == "Two lines\nof text & more.")
        #expect(policy.rules.map(\.reference.line) == [8, 12, 14])
        #expect(policy.rules.map(\.effect) == [.allow, .deny, .allow])
        #expect(policy.rules[0].actions.actions == [.list, .retrieve])
        #expect(policy.rules[0].subject.patterns.map(\.text) == ["a/**", "b"])
        #expect(policy.rules[1].reference.reason == "no: people")
        #expect(policy.rules[2].subject.kind == .vault)
        #expect(policy.unixUsers == ["alice", "_b-c.d"])
        #expect(policy.tests.map(\.line) == [18])
    }

    @Test("Lines that end in CR LF are read alike")
    func carriageReturns() throws {
        let text = "policy: p\r\nrules:\r\n  - allow: [audit]\r\n  - deny: [operate]\r\n"
        #expect(try PolicyFile.parse(file: "p", text: text).rules.map(\.reference.line) == [3, 4])
    }
}
