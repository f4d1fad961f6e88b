import Foundation
import Testing

@testable import Server

@Suite("The guard in front of the JSON decoder")
struct JSONGuardTests {
    private func check(_ text: String, members: Int = 1_000) throws(Refusal) {
        try JSONGuard.check(Array(text.utf8), limits: JSONGuard.Limits(members: members))
    }

    @Test(
        "A text that is not well-formed is refused",
        arguments: [
            "", " ", "{", "[", "\"", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "[1,]", "[,1]", "{,}", "[1 2]",
            "{\"a\":1 \"b\":2}",
            "tru", "nul", "+1", "01", "1.", ".5", "1e", "1e+", "-", "NaN", "Infinity", "'a'", "{a:1}", "\"\\x\"",
            "\"\\u12\"",
            "\"\\u12g4\"", "\"\n\"", "\"\u{0}\"", "1 2", "{} {}", "[]]", "}", "{\"a\":1}}", "[1}", "{\"a\":1]",
            "\u{feff}{}",
            "// c\n1", "{\"a\" 1}", "\"\\ud800\"", "\"\\ud800x\"", "\"\\ud800\\n\"", "\"\\udc00\"",
            "\"\\ud800\\u0041\"",
        ])
    func malformed(text: String) {
        let error = #expect(throws: Refusal.self) { try check(text) }
        #expect(error?.code == "malformed")
    }

    @Test(
        "Bytes that are not UTF-8 are refused",
        arguments: [
            [0x80], [0xc0, 0xaf], [0xc1, 0xbf], [0xc2], [0xe0, 0x80, 0x80], [0xe2, 0x82], [0xed, 0xa0, 0x80],
            [0xf0, 0x80, 0x80, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xff], [0xe2, 0x28, 0xa1],
        ] as [[UInt8]])
    func notUTF8(bytes: [UInt8]) {
        #expect(throws: Refusal.self) { try JSONGuard.check([0x22] + bytes + [0x22]) }
    }

    @Test("Nesting past 16 is refused, in objects and arrays alike")
    func depth() throws {
        try check(String(repeating: "[", count: 16) + String(repeating: "]", count: 16))
        let deep = String(repeating: "[", count: 17) + String(repeating: "]", count: 17)
        #expect(throws: Refusal.self) { try check(deep) }
        let objects = String(repeating: "{\"a\":", count: 17) + "1" + String(repeating: "}", count: 17)
        let error = #expect(throws: Refusal.self) { try check(objects) }
        #expect(error?.code == "too_deep")
        #expect(error?.status == 400)
    }

    @Test("More than 1,000 members are refused, wherever they are")
    func members() throws {
        func object(_ count: Int) -> String {
            "{" + (0..<count).map { "\"m\($0)\":0" }.joined(separator: ",") + "}"
        }
        try check(object(1_000))
        #expect(throws: Refusal.self) { try check(object(1_001)) }
        #expect(throws: Refusal.self) {
            try check("[" + [String](repeating: "0", count: 1_001).joined(separator: ",") + "]")
        }
        #expect(throws: Refusal.self) { try check("[\(object(600)),\(object(600))]") }
        try check(object(20_000), members: 20_000)
    }

    @Test("A name that is there twice is refused")
    func duplicates() throws {
        #expect(throws: Refusal.self) { try check("{\"a\":1,\"a\":2}") }
        #expect(throws: Refusal.self) { try check("{\"b\":{\"a\":1,\"c\":[],\"a\":2}}") }
        #expect(throws: Refusal.self) { try check("{\"a\":1,\"\\u0061\":2}") }
        try check("{\"a\":{\"a\":1},\"b\":{\"a\":1}}")
    }

    @Test("A string that is too long is refused, by what it stands for")
    func strings() throws {
        let limit = JSONGuard.Limits().stringBytes
        try check("\"" + String(repeating: "a", count: limit) + "\"")
        #expect(throws: Refusal.self) { try check("\"" + String(repeating: "a", count: limit + 1) + "\"") }
        try check("\"" + String(repeating: "\\u0041", count: limit) + "\"")
        #expect(throws: Refusal.self) { try check("\"" + String(repeating: "\\u20ac", count: limit / 3 + 1) + "\"") }
    }

    @Test("Half a megabyte of brackets is refused, not followed to its depth")
    func brackets() {
        let bytes = [UInt8](repeating: UInt8(ascii: "["), count: 512 * 1024)
        #expect(throws: Refusal.self) { try JSONGuard.check(bytes) }
    }

    @Test("A number that no decoder takes is refused", arguments: ["1e993", "-1.5e+993", "1E-400"])
    func endless(_ number: String) throws {
        try check("{\"n\":-1.5e+99}")
        #expect(throws: Refusal.self) { try check("{\"n\":\(number)}") }
    }

    @Test("Nothing of a refused text is repeated")
    func silent() {
        let error = #expect(throws: Refusal.self) { try check("{\"value\": \"sk_live_SECRET\" oops}") }
        #expect(!"\(String(describing: error))".contains("SECRET"))
    }

    @Test("Whatever the guard lets through, the decoder reads; what it makes of random damage is never a crash")
    func agreesWithTheDecoder() throws {
        let seed =
            #"{"fields":{"value":"a\u00e9\ud83d\ude00\n","k2":"é😀"},"tags":["x","y"],"n":-1.5e+3,"t":true,"z":null}"#
        try check(seed)
        var random = LaneTests.Seeded(state: 20_261_121)
        for _ in 0..<5_000 {
            var bytes = Array(seed.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                default: bytes.insert(UInt8.random(in: 0x20...0x7e, using: &random), at: place)
                }
            }
            guard (try? JSONGuard.check(bytes)) != nil else { continue }
            #expect(throws: Never.self, "\(bytes)") {
                try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
            }
        }
    }
}
