import Testing
import VaultAPI

@testable import Server

@Suite("The target of a request")
struct RequestTargetTests {
    @Test(
        "A path that says in another way what it means is refused, never rewritten",
        arguments: [
            "/v1/keys/../status", "/v1/keys/./a", "/v1//status", "/v1/keys/a//b", "/v1/keys/%2e%2e/a", "/v1/keys/a%2fb",
            "/v1/keys/a%00", "/v1/keys/a%41", "/v1/keys/a\\b", "/v1/keys/.hidden", "/v1/keys/a/", "/v1/keys/a b",
            "/v1/keys/a;b", "/v1/keys/é", "/v1/keys/a\u{7f}", "/v1/keys/a\tb", "/v1/keys/a:b:restore", "/v1/keys/a:",
            "/v1/keys/:restore", "/v1/keys/a:RESTORE", "/v1/keys:import/a", "v1/status", "", "*", "//",
            "http://localhost/v1/status", "/v1/keys/a#b", "/v1/keys/~a", "/v1/keys/a,b", "/v1/keys/a@b",
        ])
    func refused(target: String) {
        let error = #expect(throws: Refusal.self) { try RequestTarget(checking: target) }
        #expect(error?.status == 400)
        #expect(error?.code == "invalid_path")
    }

    @Test(
        "A query with bytes that are not visible ASCII is refused",
        arguments: ["/a?b= ", "/a?b=\u{1}", "/a?b=é", "/a?b#c"])
    func refusedQuery(target: String) {
        #expect(throws: Refusal.self) { try RequestTarget(checking: target) }
    }

    @Test("A target without end is refused")
    func tooLong() {
        #expect(throws: Refusal.self) { try RequestTarget(checking: "/v1/" + String(repeating: "a", count: 5000)) }
    }

    @Test("Nothing of a refused target is repeated")
    func silent() {
        let error = #expect(throws: Refusal.self) { try RequestTarget(checking: "/v1/keys/sk_live_SECRET%00") }
        #expect(!"\(String(describing: error))".contains("SECRET"))
    }

    @Test("A path of the grammar stays as it is")
    func taken() throws {
        for path in [
            "/", "/v1/status", "/v1/keys/a.b/-c/_d", "/v1/keys/a:restore", "/v1/seal:recover-access",
            "/v1/openapi.json",
        ] {
            let target = try RequestTarget(checking: path)
            #expect(target.path == path)
            #expect(target.query == nil)
        }
        let target = try RequestTarget(checking: "/v1/keys?prefix=a%2Fb&x=?")
        #expect(target.path == "/v1/keys")
        #expect(target.query == "prefix=a%2Fb&x=?")
    }
}

@Suite("The query of a request")
struct QueryTests {
    @Test(
        "A query that is not plainly what it should be is refused",
        arguments: [
            ("a=1&a=2", "malformed"), ("c=1", "unknown_member"), ("a", "malformed"), ("a=1&", "malformed"),
            ("&a=1", "malformed"), ("a=%", "malformed"), ("a=%4", "malformed"), ("a=%zz", "malformed"),
            ("a=%ff", "malformed"), ("a=%00", "invalid_field"), ("a=%0a", "invalid_field"), ("%ff=1", "malformed"),
            ("A=1", "unknown_member"),
        ])
    func refused(query: String, code: String) {
        let error = #expect(throws: Refusal.self) { try Query(parsing: query, knowing: ["a", "b"]) }
        #expect(error?.code == code)
    }

    @Test("An unknown parameter is named where that is safe, and only there")
    func naming() {
        let plain = #expect(throws: Refusal.self) { try Query(parsing: "wait=1", knowing: ["a"]) }
        #expect(plain?.problem.field == "wait")
        let secret = #expect(throws: Refusal.self) { try Query(parsing: "sk_live_51H8=1", knowing: ["a"]) }
        #expect(secret?.problem.field == nil)
        #expect(!"\(String(describing: secret))".contains("51H8"))
    }

    @Test(
        "A parameter without end is not a number",
        arguments: ["a=-1", "a=0", "a=1.0", "a=+1", "a=99999999999999999999", "a=x"])
    func notANumber(query: String) throws {
        let query = try Query(parsing: query, knowing: ["a"])
        #expect(throws: Refusal.self) { try query.integer("a", in: 1...1000) }
    }

    @Test("A parameter without a value was not chosen, but is not given twice either")
    func empty() throws {
        #expect(try Query(parsing: "a=", knowing: ["a"])["a"] == nil)
        #expect(try Query(parsing: "a=", knowing: ["a"]).integer("a", in: 1...1000) == nil)
        #expect(throws: Refusal.self) { try Query(parsing: "a=&a=1", knowing: ["a"]) }
    }

    @Test("Values are decoded once")
    func decoded() throws {
        let query = try Query(parsing: "a=%2561+b%20c&b=true", knowing: ["a", "b"])
        #expect(query["a"] == "%61 b c")
        #expect(try query.flag("b") == true)
        #expect(try query.flag("missing") == nil)
        #expect(try Query(parsing: "a=7", knowing: ["a"]).integer("a", in: 1...9) == 7)
    }
}
