import Testing

@testable import Policy

@Suite("Patterns")
struct PathPatternTests {
    @Test(
        "A pattern that breaks a rule is refused with that rule",
        arguments: [
            ("", PathPatternError.empty),
            ("/", .emptySegment(1)),
            ("a/", .emptySegment(2)),
            ("a//b", .emptySegment(2)),
            ("/**", .emptySegment(1)),
            ("a/**b", .partialDoubleStar(segment: 2)),
            ("a**/b", .partialDoubleStar(segment: 1)),
            ("a**b", .partialDoubleStar(segment: 1)),
            ("***", .partialDoubleStar(segment: 1)),
            ("****", .partialDoubleStar(segment: 1)),
            (".", .leadingDot(segment: 1)),
            ("a/../b", .leadingDot(segment: 2)),
            (".*", .leadingDot(segment: 1)),
            ("a?", .character(byte: 2)),
            ("[a]", .character(byte: 1)),
            ("{a,b}", .character(byte: 1)),
            ("a b", .character(byte: 2)),
            ("a\\*", .character(byte: 2)),
            ("!a", .character(byte: 1)),
            ("ä", .character(byte: 1)),
            ("a\0", .character(byte: 2)),
        ])
    func refused(text: String, error: PathPatternError) {
        #expect(throws: error) { try PathPattern(parsing: text) }
    }

    @Test("Long patterns are refused")
    func long() {
        #expect(throws: PathPatternError.tooLong(bytes: 256)) {
            try PathPattern(parsing: String(repeating: "*", count: 256))
        }
        #expect(throws: PathPatternError.tooManySegments) {
            try PathPattern(parsing: Array(repeating: "a", count: 33).joined(separator: "/"))
        }
    }

    static let cases: [(pattern: String, matching: [String], others: [String])] = [
        ("payments", ["payments"], ["payment", "paymentss", "payments/x", "Payments", "x/payments"]),
        ("a/b", ["a/b"], ["a", "b", "a/b/c", "a/bb", "aa/b"]),
        ("*", ["a", "abc.d"], ["a/b"]),
        ("a/*", ["a/b", "a/-"], ["a", "a/b/c", "b/a"]),
        ("*/b", ["a/b", "b/b"], ["b", "a/a/b"]),
        ("a/*/c", ["a/b/c"], ["a/c", "a/b/b/c"]),
        ("a*", ["a", "ab", "aa"], ["b", "a/b", "ba"]),
        ("*a", ["a", "ba"], ["ab", "b/a"]),
        ("*a*", ["a", "bab", "aa"], ["b", "a/b"]),
        ("a*b*c", ["abc", "aXbYc", "abbc", "abcbc"], ["ab", "acb", "abcd"]),
        ("x/a*b", ["x/ab", "x/aXb"], ["x/a/b", "x/a"]),
        ("**", ["a", "a/b", "a/b/c"], []),
        ("a/**", ["a", "a/b", "a/b/c"], ["ab", "b/a", "a-b/c", "b"]),
        ("**/a", ["a", "b/a", "b/c/a", "a/a"], ["a/b", "ba", "b/ca"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b", "a/b/b"], ["a", "b", "a/b/c", "ab", "a/xb"]),
        ("**/a/**", ["a", "x/a", "a/x", "x/a/y", "x/x/a/y/y"], ["x", "xa", "x/ax/y"]),
        ("**/**", ["a", "a/b"], []),
        ("a/**/**/b", ["a/b", "a/x/b"], ["a", "a/b/c"]),
        ("**/*", ["a", "a/b"], []),
        ("*/**", ["a", "a/b"], []),
        ("a/*/**", ["a/b", "a/b/c"], ["a"]),
        ("**/a/*/b", ["a/x/b", "a/a/b", "a/a/x/b", "y/a/x/b"], ["a/b", "a/x/y/b"]),
        ("**/a*/**/*z", ["a/z", "ab/yz", "x/ab/q/q/yz"], ["a", "az", "z/a"]),
    ]

    @Test("A pattern matches what it says and nothing else", arguments: cases.indices)
    func conformance(index: Int) throws {
        let (text, matching, others) = PathPatternTests.cases[index]
        let pattern = try PathPattern(parsing: text)
        for path in try matching.map(path) { #expect(pattern.matches(path), "\(text) should match \(path)") }
        for path in try others.map(path) { #expect(!pattern.matches(path), "\(text) should not match \(path)") }
    }

    @Test(
        "A hostile pattern on a hostile path takes a bounded number of steps",
        arguments: [
            (
                Array(repeating: "**/a", count: 16).joined(separator: "/"),
                Array(repeating: "a", count: 15).joined(separator: "/")
            ),
            (
                Array(repeating: "**/*a*a*a*", count: 16).joined(separator: "/"),
                Array(repeating: "aaaaaaaaaaaaab", count: 15).joined(separator: "/")
            ),
            (String(repeating: "*a", count: 127) + "b", String(repeating: "a", count: 255)),
            (String(repeating: "a*", count: 127), String(repeating: "a", count: 126)),
        ])
    func hostile(pattern: String, text: String) throws {
        let pattern = try PathPattern(parsing: pattern)
        let path = try path(text)
        // A search that goes back at every star would not end today, nor this test.
        #expect(!pattern.matches(path))
    }

    @Test("Random patterns agree with the plain definition", arguments: 1...8)
    func random(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let pieces = ["a", "b", "ab", "*", "*a", "a*", "a*b", "*b*", "**", "**"]
        let words = ["a", "b", "ab", "aab", "ba", "abb"]
        for _ in 0..<2_000 {
            let text = (0..<Int.random(in: 1...6, using: &random))
                .map { _ in pieces.randomElement(using: &random) ?? "a" }.joined(separator: "/")
            let name = (0..<Int.random(in: 1...6, using: &random))
                .map { _ in words.randomElement(using: &random) ?? "a" }.joined(separator: "/")
            let pattern = try PathPattern(parsing: text)
            #expect(pattern.matches(try path(name)) == Naive.matches(text, name), "\(text) on \(name)")
        }
    }

    @Test("What a list may hold agrees with the paths beneath its prefix", arguments: 1...4)
    func prefixes(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let pieces = ["a", "b", "*", "a*", "**"]
        let words = ["a", "b", "ab"]
        // Every path of one to five segments over three words.
        var all = words
        var last = words
        for _ in 0..<4 {
            last = last.flatMap { path in words.map { "\(path)/\($0)" } }
            all += last
        }
        for _ in 0..<30 {
            let text = (0..<Int.random(in: 1...3, using: &random))
                .map { _ in pieces.randomElement(using: &random) ?? "a" }.joined(separator: "/")
            let name = all.prefix(39).randomElement(using: &random) ?? "a"
            let prefix = try KeyPrefix(parsing: name)
            let beneath = try all.filter { prefix.contains(try path($0)) }
            let pattern = try PathPattern(parsing: text)
            let some = beneath.contains { Naive.matches(text, $0) }
            #expect(pattern.mayMatch(atOrBeneath: prefix.text.utf8.span) == some, "\(text) beneath \(name)")
            if pattern.matchesAll(atOrBeneath: prefix.text.utf8.span) {
                #expect(beneath.allSatisfy { Naive.matches(text, $0) }, "\(text) beneath \(name)")
            }
        }
    }
}
