import IssuedKeys
import NIOCore
import SecretMemory
import Testing
import Vault
import VaultAPI

@testable import Server

/// The short way to read what `POST /v1/verify` asks, against the decoder, which decides what a body means.
@Suite("The plain body of a verification")
struct PlainVerifyBodyTests {
    private func read(_ json: String) -> VerifyQuery? { PlainVerifyBody.question(ByteBuffer(string: json)) }

    /// What the router makes of it; nil where it refuses it.
    private func decoded(_ json: String) -> VerifyQuery? {
        do {
            try JSONGuard.check(Array(json.utf8))
            let request: VerifyRequest = try WireJSON.request(from: Array(json.utf8))
            return try Operations.question(request)
        } catch {
            return nil
        }
    }

    private func text(_ query: VerifyQuery?) -> String? {
        query.map {
            "\($0.key.disclosedText() ?? "-") \($0.issuer ?? "-") \($0.scope ?? "-") \($0.network?.description ?? "-") \($0.cost)"
        }
    }

    @Test(
        "Whatever is written in another way is left to the decoder",
        arguments: [
            "", "{", "{}", "[]", "null", #"{"key":"a"#, #"{"key":"a"} x"#, #"{"key":"a"}}"#, #"{"key":"a",}"#,
            #"{"key":"a" "issuer":"b"}"#, #"{"key" "a"}"#, #"{key:"a"}"#, #"{"key":"\u0061"}"#, #"{"key":"a\"b"}"#,
            #"{"key":"é"}"#, "{\"key\":\"a\tb\"}", "{\"key\":\"a\u{7f}b\"}", #"{"key":"a","key":"a"}"#,
            #"{"key":"a","scope":"b","scope":"c"}"#, #"{"key":"a","other":"b"}"#, #"{"Key":"a"}"#, #"{"key":1}"#,
            #"{"key":null}"#, #"{"key":"a","scope":null}"#, #"{"key":["a"]}"#, #"{"issuer":"a"}"#,
            #"{"key":"a","cost":"1"}"#, #"{"key":"a","cost":-1}"#, #"{"key":"a","cost":01}"#,
            #"{"key":"a","cost":1.0}"#,
            #"{"key":"a","cost":1e2}"#, #"{"key":"a","cost":1000001}"#, #"{"key":"a","cost":99999999999999999999}"#,
            #"{"key":"a","cost":}"#, #"{"key":"a","cost":1,"cost":1}"#, #"{"key":"a","cost":true}"#,
            #"{"key":"a","network":"somewhere"}"#, #"{"key":"a","network":""}"#, "\u{feff}{\"key\":\"a\"}",
            #"{"key":"a"}"# + "\u{0}", #"{"":"a","key":"b"}"#, #"{"ke":"a"}"#, #"{"keys":"a"}"#,
            #"{"key":"\#(String(repeating: "k", count: 4096))"}"#,
        ])
    func odd(json: String) {
        #expect(read(json) == nil)
    }

    @Test(
        "A plain body means what the decoder makes of it",
        arguments: [
            #"{"key":"a"}"#, #"{"key":""}"#, #" { "key" : "a" } "#, "\r\n{\n\t\"key\":\"a\"\n}\r\n",
            #"{"key":"a","issuer":"shop","scope":"orders:read","network":"192.0.2.7","cost":3}"#,
            #"{"cost":0,"network":"2001:db8::1","scope":"","issuer":"","key":"a b/c{}[],:"}"#,
            #"{"network":"::ffff:192.0.2.7","key":"a"}"#, #"{"key":"a","cost":1000000}"#, #"{"key":"~ !#$%&'()"}"#,
        ])
    func plain(json: String) {
        #expect(text(read(json)) != nil)
        #expect(text(read(json)) == text(decoded(json)))
    }

    @Test("Whatever it reads, the decoder reads too, and in the same way", arguments: 1...4)
    func fuzz(seed: UInt64) {
        var state = seed
        func next(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(count))
        }
        let base = Array(#"{"key":"shop_1","issuer":"shop","scope":"a","network":"192.0.2.7","cost":12}"#.utf8)
        let bytes = Array("{}\":,\\ 0159-.eknst\u{1}\u{7f}é".utf8)
        var readable = 0
        for _ in 0..<4_000 {
            var json = base
            for _ in 0...next(3) {
                let place = next(json.count)
                switch next(4) {
                case 0: json.remove(at: place)
                case 1: json.insert(bytes[next(bytes.count)], at: place)
                case 2: json[place] = bytes[next(bytes.count)]
                default:
                    let end = min(json.count, place + next(20))
                    json.insert(contentsOf: json[place..<end], at: next(json.count))
                }
            }
            guard let query = PlainVerifyBody.question(ByteBuffer(bytes: json)) else { continue }
            readable += 1
            let json8 = String(decoding: json, as: UTF8.self)
            #expect(text(query) == text(decoded(json8)), "\(json8)")
        }
        #expect(readable > 100)
    }
}
