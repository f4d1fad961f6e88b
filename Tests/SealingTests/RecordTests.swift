import SecretMemory
import Testing

@testable import Sealing

@Suite("Heads and single records")
struct RecordTests {
    private let sample: Sample
    private let row: RowID
    private let record: SealedRecord

    init() throws {
        sample = try Sample()
        row = sample.keyring.rowID(.keyHead, name: "payments/stripe")
        record = sample.keyring.seal(
            Array("head".utf8).span.bytes, kind: .keyHead, row: row, generation: 300, random: sample.random)
    }

    private func open(_ record: SealedRecord, _ kind: RecordKind, _ row: RowID) -> SealingError? {
        failure { () throws(SealingError) in try sample.keyring.open(record, kind: kind, row: row) }
    }

    @Test("A head at another path's row, as another kind, or in another vault is refused")
    func swapped() throws {
        let other = sample.keyring.rowID(.keyHead, name: "payments/paypal")
        #expect(open(record, .keyHead, row) == nil)
        #expect(open(record, .keyHead, other) == .authenticationFailed(.keyHead))
        #expect(open(record, .issuer, row) == .authenticationFailed(.issuer))
        let vault = try Sample()
        let error = failure { () throws(SealingError) in try vault.keyring.open(record, kind: .keyHead, row: row) }
        #expect(error == .authenticationFailed(.keyHead))
    }

    @Test("Any flipped bit of a head's record is refused")
    func flippedBits() {
        for index in record.bytes.indices {
            for bit in 0..<8 {
                var bytes = record.bytes
                bytes[index] ^= 1 << UInt8(bit)
                let error = failure { () throws(SealingError) in
                    let altered = try SealedRecord(decoding: bytes, kind: .keyHead)
                    _ = try sample.keyring.open(altered, kind: .keyHead, row: row)
                }
                #expect(error != nil)
            }
        }
    }

    @Test("Any cut of a record, and any byte more, is malformed")
    func cut() {
        for count in 0..<record.bytes.count {
            let bytes = Array(record.bytes.prefix(count))
            let error = failure { () throws(SealingError) in try SealedRecord(decoding: bytes, kind: .keyHead) }
            #expect(error == .malformed(.keyHead))
        }
        let longer = record.bytes + [0]
        let error = failure { () throws(SealingError) in try SealedRecord(decoding: longer, kind: .keyHead) }
        #expect(error == .malformed(.keyHead))
    }

    @Test("A record that is spelt otherwise than canonically is malformed")
    func spelling() {
        let envelope = record.bytes
        // Generation 300 is the varint ac 02, after its tag.
        #expect(Array(envelope.prefix(3)) == [0x08, 0xac, 0x02])
        let spellings: [[UInt8]] = [
            [0x08, 0xac, 0x82, 0x00] + envelope.dropFirst(3),  // a longer integer
            Array(envelope.prefix(3)) + envelope,  // a field twice
            Array(envelope[3..<5]) + envelope[..<3] + envelope[5...],  // out of order
            [0x08, 0x00] + envelope.dropFirst(3),  // a default that is spelt out
            envelope + [0x28, 0x01],  // a field that is unknown
            [0x08] + [UInt8](repeating: 0xff, count: 9) + [0x02] + envelope.dropFirst(3),  // an integer past 64 bits
        ]
        for bytes in spellings {
            let error = failure { () throws(SealingError) in try SealedRecord(decoding: bytes, kind: .keyHead) }
            #expect(error == .malformed(.keyHead))
        }
    }

    @Test("A message that is sealed comes back, and other plaintext at its place is malformed")
    func messages() throws {
        var head = Records.KeyHead()
        head.path = "payments/stripe"
        head.tags = ["live", "payments"]
        head.wrappedKey = record.mark.message
        head.nextVersion = 3
        let sealed = try sample.keyring.seal(head, row: row, generation: 4, random: sample.random)
        let opened = try sample.keyring.open(
            Records.KeyHead.self, SealedRecord(decoding: sealed.bytes, kind: .keyHead), row: row)
        #expect(opened == head)
        #expect(Mark(opened.wrappedKey) == record.mark)
        let error = failure { () throws(SealingError) in
            try sample.keyring.open(Records.KeyHead.self, record, row: row)
        }
        #expect(error == .malformed(.keyHead))
    }

    @Test("A mark with a length that is wrong is no mark")
    func marks() {
        var message = record.mark.message
        #expect(Mark(message) == record.mark)
        message.tag.removeLast()
        #expect(Mark(message) == nil)
        #expect(Mark(Records.Mark()) == nil)
    }

    @Test("The same name has another row in another vault and as another kind, and the row tells nothing of it")
    func rows() throws {
        let other = try Sample().keyring
        #expect(sample.keyring.rowID(.keyHead, name: "payments/stripe") == row)
        #expect(other.rowID(.keyHead, name: "payments/stripe") != row)
        #expect(sample.keyring.rowID(.issuer, name: "payments/stripe") != row)
        #expect(!row.bytes.bytes.contains(Array("pay".utf8)))
    }

    @Test("A place in the store reads back from its key, and another length or kind does not")
    func places() {
        let place = RecordPlace(.keyHead, row)
        #expect(RecordPlace(storeKey: place.storeKey) == place)
        #expect(place.storeKey.count == 33)
        #expect(RecordPlace(storeKey: Array(place.storeKey.dropLast())) == nil)
        #expect(RecordPlace(storeKey: place.storeKey + [0]) == nil)
        #expect(RecordPlace(storeKey: [0] + row.bytes.bytes) == nil)
        #expect(RecordPlace(storeKey: [14] + row.bytes.bytes) == nil)
        #expect(RecordPlace(storeKey: []) == nil)
        #expect(RowID.slot(5).bytes.bytes == [UInt8](repeating: 0, count: 31) + [5])
        let range = RecordPlace.storeKeys(of: .keyHead)
        #expect(range.first.lexicographicallyPrecedes(place.storeKey))
        #expect(place.storeKey.lexicographicallyPrecedes(range.last))
    }

    @Test("No error says more than the kind of record")
    func descriptions() {
        let errors: [SealingError] = [
            .wrongPassphrase, .damagedSlot, .otherVault, .passphraseLength, .recoveryCode, .costsRefused(.memory),
            .notEnoughMemory, .derivationFailed(-1), .tooManyDerivations, .derivationCancelled, .malformed(.slot),
            .authenticationFailed(.keyHead), .unknownDataKey(3), .cannotRetire(1), .newerFormat(2),
            .memory(.outOfMemory),
        ]
        #expect(Set(errors.map(\.description)).count == errors.count)
        #expect(SealingError.authenticationFailed(.keyHead).description.contains("keyHead"))
    }
}

extension Array where Element == UInt8 {
    fileprivate func contains(_ part: [UInt8]) -> Bool {
        indices.contains { self[$0...].starts(with: part) }
    }
}
