import SecretMemory
import Testing

@Suite("Secrets of one request")
struct WipedBytesTests {
    @Test("Neither printing nor reflecting a secret shows it")
    func notPrintable() {
        let secret = WipedBytes(utf8: "correct horse")
        #expect("\(secret)" == "[secret]")
        #expect(String(reflecting: secret) == "[secret]")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!dumped.contains("horse"))
        #expect(Mirror(reflecting: secret).children.isEmpty)
    }

    @Test("Bytes that are no text disclose no text")
    func notText() {
        let bytes: [UInt8] = [0x66, 0xff, 0xfe]
        let secret = WipedBytes(copying: bytes.span.bytes)
        #expect(secret.disclosedText() == nil)
    }

    @Test("What went in comes out", arguments: ["", "x", "schlüssel 🔑", String(repeating: "l", count: 300)])
    func roundTrip(text: String) {
        let secret = WipedBytes(utf8: text)
        #expect(secret.count == text.utf8.count)
        #expect(secret.disclosedText() == text)
        let bytes = secret.withBytes { span in span.withUnsafeBytes { Array($0) } }
        #expect(bytes == Array(text.utf8))
    }

    @Test("An array that is wiped holds zeros")
    func wipedArray() {
        var bytes: [UInt8] = [1, 2, 3]
        Sodium.wipe(&bytes)
        #expect(bytes == [0, 0, 0])
        var none: [UInt8] = []
        Sodium.wipe(&none)
    }

    @Test("Random bytes differ from draw to draw, and are as many as asked for")
    func random() {
        let random = SystemRandom()
        #expect(random.bytes(32) != random.bytes(32))
        #expect(random.bytes(24).count == 24)
        #expect(random.bytes(0).isEmpty)
    }
}
