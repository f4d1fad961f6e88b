import NIOCore
import SecretMemory
import Testing
import VaultAPI

@testable import Server

@Suite("The bytes of a reply")
struct ReplyTests {
    private func written(_ reply: Reply, isHead: Bool = false, closing: Bool = false) -> [String] {
        var reply = reply
        let bytes = reply.takeBytes(
            RequestID(), at: 1_763_695_747_000, closing: closing, isHead: isHead, allocator: ByteBufferAllocator())
        return String(buffer: bytes).split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
    }

    private func reply(_ headers: [(name: String, value: String)] = []) -> Reply {
        var writer = SecretJSONWriter(capacity: 64)
        writer.beginObject()
        writer.name("value")
        writer.secret(WipedBytes(utf8: "sk_live"))
        writer.endObject()
        var reply = Reply(secret: writer, etag: "a-tag")
        reply.headers = headers
        return reply
    }

    @Test("A head goes before its body wherever there is room, and elsewhere into another buffer")
    func head() {
        let long = String(repeating: "x", count: 2_000)
        for headers in [[], [(name: "Keyturn-Name", value: "n")], [(name: "Keyturn-Name", value: long)]] {
            let lines = written(reply(headers))
            #expect(lines.first == "HTTP/1.1 200 OK")
            #expect(lines.contains("Content-Length: 19"))
            #expect(lines.contains("ETag: \"a-tag\""))
            #expect(lines.contains("Date: Fri, 21 Nov 2025 03:29:07 GMT"))
            for (name, value) in headers { #expect(lines.contains("\(name): \(value)")) }
            #expect(lines.suffix(2) == ["", #"{"value":"sk_live"}"#])
        }
    }

    @Test("A reply whose body somebody else holds leaves it as it is")
    func shared() {
        let held = reply()
        let lines = written(held)
        #expect(lines.last == #"{"value":"sk_live"}"#)
        #expect(String(buffer: held.body) == #"{"value":"sk_live"}"#)
    }

    @Test("The reply to HEAD says how long its body would be, and has none")
    func headRequest() {
        let lines = written(reply(), isHead: true, closing: true)
        #expect(lines.contains("Content-Length: 19") && lines.contains("Connection: close"))
        #expect(lines.suffix(2) == ["", ""])
    }

    @Test("A problem's body, which has no room before it, comes out whole")
    func problem() {
        let lines = written(Reply(Refusal(.notFound)))
        #expect(lines.first == "HTTP/1.1 404 Not Found")
        #expect(lines.last?.hasPrefix("{") == true && lines.last?.hasSuffix("}") == true)
    }

    @Test("Numbers of operations are their places among all")
    func operations() {
        #expect(Operation.allCases.map(\.number) == Array(Operation.allCases.indices))
    }

    @Test("No two requests have one name")
    func names() {
        let names = Set((0..<10_000).map { _ in RequestID().description })
        #expect(names.count == 10_000)
        #expect(names.allSatisfy { $0.utf8.count == 16 })
    }

    @Test("Whole numbers come out as they are", arguments: [0, 1, -1, 9, 10, 65_535, .max, .min] as [Int64])
    func numbers(number: Int64) {
        var writer = SecretJSONWriter(capacity: 8)
        writer.integer(number)
        #expect(String(buffer: writer.buffer) == "\(number)")
    }

    @Test("Whatever a text holds, the writer finds each byte that has to be escaped")
    func escapes() {
        for length in [1, 7, 8, 9, 17] {
            for place in 0..<length {
                for byte in UInt8(0)...0x7f {
                    var text = [UInt8](repeating: 0x61, count: length)
                    text[place] = byte
                    var writer = SecretJSONWriter(capacity: 8)
                    writer.secret(WipedBytes(copying: text.span.bytes))
                    let isPlain = (0x20..<0x7f).contains(byte) && !Array("\"\\<>&".utf8).contains(byte)
                    #expect((writer.buffer.readableBytes == length + 2) == isPlain, "\(byte) at \(place) of \(length)")
                }
            }
        }
    }
}
