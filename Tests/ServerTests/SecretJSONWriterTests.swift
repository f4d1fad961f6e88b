import Foundation
import NIOCore
import SecretMemory
import Testing

@testable import Server

@Suite("Writing secrets as JSON")
struct SecretJSONWriterTests {
    private func write(_ body: (inout SecretJSONWriter) -> Void) -> String {
        var writer = SecretJSONWriter(capacity: 16)
        body(&writer)
        return String(buffer: writer.buffer)
    }

    @Test("Whatever a secret holds, a reader of JSON gets it back")
    func roundTrip() throws {
        let texts = [
            "", "plain", "\"\\/", "\u{0}\u{1}\u{1f}\u{7f}", "line\nline\r\ttab", "</script><b>&amp;", "é😀\u{2028}",
            String(repeating: "x", count: 70_000),
        ]
        for text in texts {
            let json = write { writer in
                writer.beginObject()
                writer.name("value")
                writer.secret(WipedBytes(utf8: text))
                writer.endObject()
            }
            let read = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: String]
            #expect(read?["value"] == text)
            try JSONGuard.check(Array(json.utf8))
        }
    }

    @Test("Markup and control characters never stand in a reply as they are")
    func inert() {
        let json = write { $0.secret(WipedBytes(utf8: "<script>\u{1b}[31m\u{7f}&")) }
        #expect(json == #""\u003cscript\u003e\u001b[31m\u007f\u0026""#)
    }

    @Test("Bytes that are no text come out as base64", arguments: 0...5)
    func base64(count: Int) {
        let bytes = (0..<count).map { UInt8(255 - $0) }
        let secret = WipedBytes(copying: bytes.span.bytes)
        #expect(write { $0.base64(secret) } == "\"\(Data(bytes).base64EncodedString())\"")
        #expect(secret.isUTF8 == (count == 0))
    }

    @Test("The room that was asked for is enough")
    func capacity() {
        for text in ["", "abc", "\"\"\"", "\u{1}\u{2}", "<<<>>>"] {
            let secret = WipedBytes(utf8: text)
            #expect(write { $0.secret(secret) }.utf8.count <= SecretJSONWriter.capacity(for: secret))
            #expect(write { $0.base64(secret) }.utf8.count <= SecretJSONWriter.capacity(for: secret))
        }
    }

    @Test("Members and elements are joined as they must be")
    func structure() throws {
        let json = write { writer in
            writer.beginObject()
            writer.members(of: Array(#"{"a":1}"#.utf8))
            writer.name("list")
            writer.beginArray()
            writer.integer(1)
            writer.beginObject()
            writer.endObject()
            writer.bool(true)
            writer.endArray()
            writer.name("s")
            writer.string("x")
            writer.endObject()
        }
        #expect(json == #"{"a":1,"list":[1,{},true],"s":"x"}"#)
    }
}
