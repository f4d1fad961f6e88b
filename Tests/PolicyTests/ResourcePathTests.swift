import Testing

@testable import Policy

@Suite("Paths of keys")
struct ResourcePathTests {
    @Test(
        "What could be read as another path is refused, not rewritten",
        arguments: [
            (".", ResourcePathError.leadingDot(segment: 1)),
            ("..", .leadingDot(segment: 1)),
            ("a/./b", .leadingDot(segment: 2)),
            ("a/../b", .leadingDot(segment: 2)),
            ("a/.hidden", .leadingDot(segment: 2)),
            ("", .empty),
            ("/", .emptySegment(1)),
            ("/a", .emptySegment(1)),
            ("a/", .emptySegment(2)),
            ("a//b", .emptySegment(2)),
            ("a/%2e%2e/b", .character(byte: 3)),
            ("a%2fb", .character(byte: 2)),
            ("a%00", .character(byte: 2)),
            ("a\0", .character(byte: 2)),
            ("a\\b", .character(byte: 2)),
            ("a b", .character(byte: 2)),
            ("a\r\nb", .character(byte: 2)),
            ("a/*", .character(byte: 3)),
            ("a:rotate", .character(byte: 2)),
            ("a/b?c", .character(byte: 4)),
            ("schlüssel", .character(byte: 5)),
            ("a\u{2215}b", .character(byte: 2)),
        ])
    func refused(text: String, error: ResourcePathError) {
        #expect(throws: error) { try ResourcePath(parsing: text) }
    }

    @Test("A path of 256 bytes, or of 17 segments, is refused, and one less is not")
    func limits() throws {
        #expect(throws: ResourcePathError.tooLong(bytes: 256)) {
            try ResourcePath(parsing: String(repeating: "a", count: 256))
        }
        #expect(try path(String(repeating: "a", count: 255)).text.utf8.count == 255)
        let segments = Array(repeating: "a", count: 17)
        #expect(throws: ResourcePathError.tooManySegments(17)) {
            try ResourcePath(parsing: segments.joined(separator: "/"))
        }
        #expect(try path(segments.dropLast().joined(separator: "/")).text.utf8.count == 31)
    }

    @Test("An error names the rule and repeats nothing of what was refused")
    func silent() {
        let marker = "SECRETMARKER!"
        do {
            _ = try ResourcePath(parsing: marker)
            Issue.record("the marker was taken for a path")
        } catch {
            #expect(!error.description.contains("SECRET"))
            #expect(error.description.contains("byte 13"))
        }
    }

    @Test(
        "Letters, digits, dots, underscores and dashes are taken as they are",
        arguments: ["a", "payments/stripe", "_/-", "-x/y.z", "A/a", "0/1.2.3", "a../b."])
    func taken(text: String) throws {
        #expect(try path(text).text == text)
    }

    @Test("Paths are ordered bytewise and told apart by case")
    func order() throws {
        let sorted = try ["B", "a/b", "a-b", "a", "_"].map(path).sorted().map(\.text)
        #expect(sorted == ["B", "_", "a", "a-b", "a/b"])
        #expect(try path("A") != path("a"))
    }
}

@Suite("Prefixes of lists")
struct KeyPrefixTests {
    @Test(
        "A prefix that is no path is refused",
        arguments: ["/", "//", "a//", "/a", ".", "a/../", "a*", "a/%2f", "a\0"])
    func refused(text: String) {
        #expect(throws: ResourcePathError.self) { try KeyPrefix(parsing: text) }
    }

    @Test("A slash at the end makes no difference")
    func slash() throws {
        #expect(try KeyPrefix(parsing: "secret/") == KeyPrefix(parsing: "secret"))
        #expect(try KeyPrefix(parsing: "") == .everything)
    }

    @Test("A prefix holds whole segments only")
    func segments() throws {
        let prefix = try KeyPrefix(parsing: "pay/eu")
        for inside in ["pay/eu", "pay/eu/x", "pay/eu/x/y"] { #expect(try prefix.contains(path(inside))) }
        for outside in ["pay", "pay/euro", "pay/e", "pay/us/x", "x/pay/eu"] {
            #expect(try !prefix.contains(path(outside)))
        }
        #expect(try KeyPrefix.everything.contains(path("any/thing")))
    }
}
