import Foundation
import SecretMemory
import Testing

@testable import VaultAPI

@Suite("Base64 of secrets")
struct Base64Tests {
    @Test(
        "What is not exactly base64 is refused",
        arguments: [
            "A", "AA", "AAA", "A===", "====", "AA=A", "AAAA=", "AAA=AAAA", "AB==", "AAB=", "AA A", "AA-_", "é==",
            "AAA\n",
        ])
    func refused(text: String) {
        #expect(Base64.decode(WipedBytes(utf8: text)) == nil)
    }

    @Test("Every length is encoded as Foundation does, and read back")
    func roundTrip() throws {
        var generator = SystemRandomNumberGenerator()
        for length in 0..<70 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let text = Base64.encode(WipedBytes(copying: bytes.span.bytes))
            #expect(text.disclosedText() == Data(bytes).base64EncodedString())
            let back = try #require(Base64.decode(text))
            #expect(back.withBytes { $0.withUnsafeBytes { [UInt8]($0) } } == bytes)
        }
    }
}
