import IssuedKeys
import SecretMemory
import Testing

@Suite("The kept form of an issued key")
struct IssuedKeyHashTests {
    private static let text = IssuedKeyTextTests.known
    /// Made with Python's hashlib: BLAKE2b-256 with key 00…1f and person `keyturn issuedky` over SHA-256 of the text.
    private static let expected = "1617e3240bad78684003baab5d4976732e23f9088eeb36dcd0d852cff37f3c90"

    private func key(_ first: UInt8 = 0) throws -> SecretBytes {
        var bytes = (0..<32).map { UInt8($0) }
        bytes[0] = first
        return try SecretBytes(copying: bytes.span.bytes)
    }

    @Test("Another text or another key gives another hash")
    func differs() throws {
        let key = try key()
        let other = try self.key(1)
        let hash = WipedBytes(utf8: Self.text).withBytes { issuedKeyHash(of: $0, key: key) }
        #expect(hash != WipedBytes(utf8: Self.text).withBytes { issuedKeyHash(of: $0, key: other) })
        #expect(hash != WipedBytes(utf8: Self.text + "A").withBytes { issuedKeyHash(of: $0, key: key) })
    }

    @Test("A digest that has not 32 bytes is refused", arguments: [0, 20, 31, 33, 64])
    func digestLength(count: Int) throws {
        let digest = [UInt8](repeating: 7, count: count)
        let key = try key()
        var thrown: DigestLengthError?
        do { _ = try issuedKeyHash(ofSHA256: digest.span.bytes, key: key) } catch { thrown = error }
        #expect(thrown != nil)
    }

    @Test("A key that is not kept matches nothing, not even the bytes it is compared with")
    func unknownMatchesNothing() {
        #expect(!issuedKeyMatches(presented: [UInt8](repeating: 0, count: 32), kept: nil))
        #expect(!issuedKeyMatches(presented: [], kept: nil))
        #expect(!issuedKeyMatches(presented: [], kept: []))
        #expect(!issuedKeyMatches(presented: [UInt8](repeating: 1, count: 32), kept: [UInt8](repeating: 1, count: 31)))
        var kept = [UInt8](repeating: 1, count: 32)
        for position in kept.indices {
            kept[position] ^= 0x80
            #expect(!issuedKeyMatches(presented: [UInt8](repeating: 1, count: 32), kept: kept))
            kept[position] ^= 0x80
        }
    }

    @Test("The hash is what the description says, from the text and from its SHA-256")
    func vector() throws {
        let key = try key()
        let hash = WipedBytes(utf8: Self.text).withBytes { issuedKeyHash(of: $0, key: key) }
        #expect(hash.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() == Self.expected)
        let digest = Self.sha256
        #expect(try issuedKeyHash(ofSHA256: digest.span.bytes, key: key) == hash)
        #expect(issuedKeyMatches(presented: hash, kept: hash))
        #expect(hash.count == issuedKeyHashLength)
    }

    private static let sha256: [UInt8] = [
        0x34, 0x82, 0xe4, 0x02, 0x1a, 0x29, 0xba, 0xb9, 0x56, 0x14, 0xa5, 0x5b, 0x09, 0x86, 0x15, 0x9d,
        0x1b, 0x65, 0xa0, 0x05, 0x56, 0x83, 0x51, 0x99, 0xba, 0xda, 0x95, 0xc2, 0x50, 0x02, 0x33, 0xa0,
    ]
}
