import Outbound
import SecretMemory
import Testing

@testable import Rotators

/// What a provider file may not say.
@Suite struct ProviderFileTests {
    private static let good = """
        provider: test
        host: https://api.example.com
        settings:
          note: {default: plain}
        fields: [id, value]
        handle: id
        create:
          request: POST /keys
          headers: {authorization: "Bearer {{current.value}}"}
          json: '{"name": "{{mark}}"}'
          take: {id: /id, value: /value}
        test:
          request: GET /self
        retire:
          request: DELETE /keys/{{retired.handle}}
        list:
          request: GET /keys
          items: /keys
          handle: /id
          mark: /name
        """

    @Test("A file that is right is read")
    func right() throws {
        let file = try ProviderFile(file: "test.yaml", text: Self.good)
        #expect(file.name == "test" && file.origin.hostAndPort == "api.example.com:443")
    }

    @Test(
        "What is wrong is refused with file, line and remedy",
        arguments: [
            ("provider: test", "provider: Te st", 1), ("provider: test", "provder: test", 1),
            ("https://api.example.com", "http://api.example.com", 2), ("https://api.example.com", "ftp://x", 2),
            ("https://api.example.com", "https://{{setting.note}}.example.com", 2),
            ("https://api.example.com", "https://api.example.com/v1", 2),
            ("https://api.example.com", "https://user@api.example.com", 2),
            ("https://api.example.com", "https://api.example.com:0", 2),
            ("https://api.example.com", "http://localhost:8080", 2),
            ("  note: {default: plain}", "  note: {defalt: plain}", 4), ("  note: {default", "  provider: {default", 4),
            ("  note: {default: plain}", "  note: {kind: json, default: \"{\"}", 4),
            ("[id, value]", "[id, id]", 5), ("[id, value]", "[id, Value]", 5), ("handle: id", "handle: name", 6),
            ("POST /keys", "FETCH /keys", 8), ("POST /keys", "POST keys", 8),
            ("POST /keys", "POST //evil.example/keys", 8),
            ("POST /keys", "POST https://evil.example/keys", 8), ("POST /keys", "POST /a/../keys", 8),
            ("POST /keys", "POST /keys#x", 8), ("POST /keys", "POST /ke ys", 8),
            ("POST /keys", "POST /keys/{{current.secret}}", 8), ("POST /keys", "POST /keys/{{candidate.id}}", 8),
            ("POST /keys", "POST /keys/{{setting.other}}", 8), ("POST /keys", "POST /keys/{{env.HOME}}", 8),
            ("POST /keys", "POST /keys/{{current.value", 8), ("POST /keys", "POST /keys?{{setting.note}}=1", 8),
            ("POST /keys", "POST /keys/{{page}}", 8), ("POST /keys", "POST /keys/{{credential.value}}", 8),
            ("headers: {authorization:", "headers: {host:", 9), ("headers: {authorization:", "headers: {\"a b\":", 9),
            ("headers: {authorization:", "headers: {content-length:", 9),
            (#"'{"name": "{{mark}}"}'"#, #"'{"name": {{mark}}}'"#, 10), (#"'{"name": "{{mark}}"}'"#, "'{name: 1}'", 10),
            (#"'{"name": "{{mark}}"}'"#, #"'{"name": {{setting.note}}, "m": "{{mark}}"}'"#, 10),
            ("{id: /id, value: /value}", "{id: /id}", 8), ("{id: /id, value: /value}", "{id: id, value: /value}", 11),
            ("{id: /id, value: /value}", "{id: /id, value: /~2}", 11),
            ("{id: /id, value: /value}", "{id: /id, value: /v, more: /m}", 11),
            ("GET /self", "GET /self\n  json: '{}'", 13), ("GET /self", "GET /self\n  expect: [404]", 14),
            ("GET /self", "GET /self\n  settle: soon", 14), ("GET /self", "GET /self\n  retry: 3", 14),
            ("DELETE /keys/{{retired.handle}}", "DELETE /keys/self", 15),
            (#""name": "{{mark}}""#, #""name": "x""#, 16), ("GET /keys", "GET /keys/{{page}}", 17),
            ("  mark: /name", "  pages: {first: 1, size: 10}", 17), ("fields:", "allow-private: yes\nfields:", 5),
        ])
    func wrong(from: String, to: String, line: Int) {
        let text = Self.good.replacing(from, with: to, maxReplacements: 1)
        #expect(text != Self.good)
        let error = #expect(throws: ProviderFileError.self) { try ProviderFile(file: "test.yaml", text: text) }
        #expect(error?.line == line && error?.file == "test.yaml")
        #expect(error?.remedy.isEmpty == false)
    }

    @Test("Two files with one provider's name are refused")
    func twice() {
        #expect(throws: ProviderFileError.self) {
            try ProviderSet(files: [("a.yaml", Self.good), ("b.yaml", Self.good)])
        }
    }

    @Test(
        "An origin is a scheme, a host and a port",
        arguments: [
            ("https://api.example.com", "api.example.com:443"),
            ("https://API.example.com:8443", "api.example.com:8443"),
            ("http://localhost:80", "localhost:80"), ("http://127.0.0.1", "127.0.0.1:80"),
            ("http://[::1]:8", "[::1]:8"),
        ])
    func origins(text: String, expected: String) throws {
        #expect(try Origin(parsing: text).hostAndPort == expected)
    }

    @Test(
        "What is no JSON is no reply",
        arguments: [
            "", " ", "{", "{]", "[1,]", "{\"a\":1,}", "{'a':1}", "01", "1.", "+1", "nul", "\"\u{1}\"", "\"\\x\"",
            "\"\\ud800\"",
            "\"\\ud800\\u0041\"", "1 2", "{\"a\":1,\"a\":2}", "NaN", "// x\n1",
        ])
    func notJSON(text: String) { #expect(ReplyJSON.read(Array(text.utf8)) == nil) }

    @Test("Pointers follow RFC 6901, section 5")
    func pointers() throws {
        let text = #"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#
        let json = try #require(ReplyJSON.read(Array(text.utf8)))
        let expected: [(String, String)] = [
            ("/foo/0", "bar"), ("/", "0"), ("/a~1b", "1"), ("/c%d", "2"), ("/e^f", "3"), ("/g|h", "4"), ("/i\\j", "5"),
            ("/k\"l", "6"), ("/ ", "7"), ("/m~0n", "8"),
        ]
        for (pointer, value) in expected {
            #expect(JSONPointer(parsing: pointer)?.value(in: json)?.scalar?.disclosedText() == value)
        }
        for missing in ["/foo/2", "/foo/-", "/foo/00", "/foo/bar", "/bar", "/foo/0/x"] {
            #expect(JSONPointer(parsing: missing)?.value(in: json) == nil)
        }
        for wrong in ["foo", "/a~", "/a~2"] { #expect(JSONPointer(parsing: wrong) == nil) }
        #expect(
            ReplyJSON.read(Array(#""\u00e9\ud83d\ude00\n""#.utf8))?.scalar?.disclosedText() == "é😀\n")
    }
}
