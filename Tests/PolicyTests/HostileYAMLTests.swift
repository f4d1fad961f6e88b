import Foundation
import Testing

@testable import Policy

@Suite("Hostile YAML")
struct HostileYAMLTests {
    static let refusals: [(text: String, line: Int, words: String)] = [
        ("policy: &a p\nrules: []", 1, "anchors"),
        ("policy: p\nrules:\n  - &r {allow: [audit]}\n  - *r\n", 3, "anchors"),
        ("policy: p\nrules:\n  - allow:&x [audit]\n", 3, "anchors"),
        ("policy: p\nrules:\n  - allow: [&x audit]\n", 3, "anchors"),
        ("policy: p\nrules:\n  - {\"allow\":&x [audit]}\n", 3, "anchors"),
        ("policy: \"p\n  # a\" &x\n", 2, "anchors"),
        ("\u{feff}&x policy: p\n", 1, "anchors"),
        ("policy: *p\n", 1, "alias"),
        ("policy: p\nrules:\n  - allow: [retrieve]\n    keys: [**/root]\n", 4, "double quotes"),
        ("policy: p\nrules:\n  - allow: [retrieve]\n    keys: [*]\n", 4, "double quotes"),
        ("policy: !!str p\nrules:\n  - allow: [audit]\n", 1, "tags"),
        ("policy: !x p\nrules:\n  - allow: [audit]\n", 1, "tags"),
        ("policy: p\nrules: !!set\n  - allow: [audit]\n", 2, "tags"),
        ("policy: p\nrules:\n  - !!map {allow: [audit]}\n", 3, "tags"),
        ("policy: p\nrules:\n  - allow: [!!python/object audit]\n", 3, "tags"),
        ("? policy\n: p\n", 1, "plain word"),
        ("policy: p\n[a]: b\n", 2, "plain word"),
        // As an address with a port, but for one thing each.
        ("policy: p\n[::1]:8443\n", 2, "plain word"), ("policy: {[::1]:8443}\n", 1, "plain word"),
        ("policy: \"[[a]]:1\"\n", 1, "plain word"), ("policy: \"[::1]:8443'\n", 1, "plain word"),
        ("policy: \"[::1] :8443\"\n", 1, "plain word"), ("policy: \"[::1]:\"\n", 1, "plain word"),
        ("policy: \"a[::1]:1\"\n", 1, "plain word"), ("policy: \"[::g]:1\"\n", 1, "plain word"),
        // Where the quote ends a text before, it is no text, and is refused by the parser.
        ("policy: {\"a\": \"b\"[::1]:1\"}\n", 1, "not YAML"),
        ("policy: p\n{a: b} : c\n", 2, "plain word"),
        ("policy: p\nrules: [{? a : b}]\n", 2, "plain word"),
        ("policy: p\nrules:\n  - allow: [audit]\n---\npolicy: q\n", 4, "second document"),
        ("policy: p\nrules:\n  - allow: [audit]\npolicy: q\n", 1, "appears twice"),
        ("policy: p\nrules:\n  - allow: [audit]\n    allow: [operate]\n", 3, "appears twice"),
        ("policy: p\nrules:\n  - allow: [audit]\n    \"allow\": [operate]\n", 3, "appears twice"),
        ("policy: p\nrules:\n  - allow: [audit]\n    <<: {keys: [a]}\n", 4, "no word"),
        ("policy: p\nrules: [[[[[[[[[[[a]]]]]]]]]]]\n", 2, "too deep"),
        ("policy: p\nrules:\n" + String(repeating: " ", count: 80) + "- a\n", 3, "indented"),
        (String(repeating: "- ", count: 5_000) + "a\n", 1, "indented"),
        ("policy: p\n\trules: x\n", 2, "not YAML"),
        ("policy: p\nrules: [a\n", 3, "not YAML"),
        ("policy: \"p\n", 2, "not YAML"),
        ("policy: p\nrules: \u{0}\n", 2, "control character"),
        ("policy: p\r rules: x\n", 1, "unusual line break"),
        ("policy: p\u{85}rules: x\n", 1, "unusual line break"),
        ("policy: p\u{2028}rules: x\n", 1, "unusual line break"),
        ("policy: \u{1b}[2Jp\n", 1, "control character"),
    ]

    @Test("What policies do not need is refused with its line", arguments: refusals.indices)
    func refused(index: Int) throws {
        let (text, line, words) = HostileYAMLTests.refusals[index]
        let found = errors(text)
        #expect(found.contains { $0.hasPrefix("p.yaml:\(line): ") && $0.contains(words) }, "\(found)")
    }

    @Test("A text over 1 MiB is refused before it is looked at")
    func large() {
        #expect(
            errors(String(repeating: "a", count: (1 << 20) + 1)) == [
                "p.yaml:1: the file is larger than 1 MiB; divide it"
            ])
    }

    static let heavy: [String] = [
        String(repeating: "[", count: 1 << 20),
        String(repeating: "{", count: 1 << 20),
        String(repeating: "{a: ", count: 1 << 18),
        String(repeating: "[a,", count: 300_000),
        String(repeating: "[", count: 900) + String(repeating: "]", count: 900),
        String(repeating: "{a: ", count: 900) + String(repeating: "}", count: 900),
        String(repeating: "a: b: ", count: 100_000),
        String(repeating: "- ", count: 1 << 19),
        String(repeating: "\"", count: 1 << 20),
        String(repeating: "a\n", count: 1 << 19),
        String(repeating: "] ", count: 1 << 19),
        String(repeating: "!", count: 1 << 20),
        String(repeating: "%", count: 1 << 20),
        String(repeating: "---\n", count: 1 << 18),
        "policy: p\nrules:\n" + String(repeating: "  - allow: [audit]\n", count: 50_000),
        (0..<80_000).map { "k\($0): v\n" }.joined(),
        "policy: p\ndescription: |\n" + String(repeating: "  text\n", count: 140_000),
    ]

    @Test("A megabyte made to be slow is refused soon, and does not end the process", arguments: heavy.indices)
    func slow(index: Int) async {
        // On a thread with a small stack, as a server's workers have.
        let found: [String] = await withCheckedContinuation { continuation in
            let thread = Thread { continuation.resume(returning: errors(HostileYAMLTests.heavy[index])) }
            thread.stackSize = 1 << 20
            thread.start()
        }
        #expect(!found.isEmpty)
    }

    @Test("Random damage to a good file never ends the process", arguments: 1...4)
    func damaged(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let good = Array(
            """
            policy: p
            rules:
              - allow: [retrieve, list]
                keys: ["a/**", 'b']
              - {deny: [retrieve], keys: [c], reason: "x"}
            tests:
              - {allow: retrieve, key: a/b}
            """.utf8)
        let pieces = Array("[]{}:-?&*!|>'\"%@`#,\n \tab0\\~".utf8)
        for _ in 0..<300 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                let piece = pieces.randomElement(using: &random) ?? 0x20
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = piece
                case 1: bytes.insert(piece, at: place)
                default: bytes.remove(at: place)
                }
            }
            let found = errors(String(decoding: bytes, as: UTF8.self))
            #expect(found.allSatisfy { $0.hasPrefix("p.yaml:") })
        }
    }
}
