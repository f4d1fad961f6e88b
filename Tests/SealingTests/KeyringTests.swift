import SecretMemory
import Testing

@testable import Sealing

@Suite("The keyring")
struct KeyringTests {
    private func reopened(_ sample: Sample, _ keyring: Keyring) throws -> Keyring {
        let record = keyring.sealed(by: sample.root, generation: 3, random: sample.random)
        return try Keyring.open(
            try SealedRecord(decoding: record.bytes, kind: .keyring), by: sample.root, vault: sample.vault)
    }

    @Test("A keyring does not open with another root key, for another vault, or altered")
    func refused() throws {
        let (sample, other) = (try Sample(), try Sample())
        let record = sample.keyring.sealed(by: sample.root, generation: 3, random: SystemRandom())
        func open(_ record: SealedRecord, _ root: RootKey, _ vault: VaultID) -> SealingError? {
            failure { () throws(SealingError) in try Keyring.open(record, by: root, vault: vault) }
        }
        #expect(open(record, sample.root, sample.vault) == nil)
        #expect(open(record, other.root, sample.vault) == .authenticationFailed(.keyring))
        #expect(open(record, sample.root, other.vault) == .authenticationFailed(.keyring))
        for index in record.bytes.indices {
            var bytes = record.bytes
            bytes[index] ^= 0x40
            guard let altered = try? SealedRecord(decoding: bytes, kind: .keyring) else { continue }
            #expect(open(altered, sample.root, sample.vault) != nil)
        }
    }

    @Test("The current data key and one that is not there cannot be retired")
    func cannotRetire() throws {
        let keyring = try Sample().keyring.addingDataKey(random: SystemRandom(), now: 2)
        #expect(failure { () throws(SealingError) in try keyring.retiring([2]) } == .cannotRetire(2))
        #expect(failure { () throws(SealingError) in try keyring.retiring([1, 3]) } == .cannotRetire(3))
        #expect(try keyring.retiring([1]).dataKeyIDs == [2])
    }

    @Test("A record of a retired data key names it, and one of an older data key opens")
    func generations() throws {
        let sample = try Sample()
        let row = sample.keyring.rowID(.issuer, name: "keyturn")
        let old = sample.keyring.seal(
            Array("old".utf8).span.bytes, kind: .issuer, row: row, generation: 1, random: sample.random)
        #expect(old.sealingKey == 1)
        let added = try reopened(sample, try sample.keyring.addingDataKey(random: sample.random, now: 5))
        #expect(added.dataKeyIDs == [1, 2])
        #expect(added.currentDataKeyID == 2)
        #expect(added.currentDataKeyCreated == 5)
        #expect(added.rowID(.issuer, name: "keyturn") == row)
        #expect(try added.open(old, kind: .issuer, row: row).array == Array("old".utf8))
        let new = added.seal(
            Array("new".utf8).span.bytes, kind: .issuer, row: row, generation: 2, random: sample.random)
        #expect(new.sealingKey == 2)
        let retired = try reopened(sample, try added.retiring([1]))
        #expect(try retired.open(new, kind: .issuer, row: row).array == Array("new".utf8))
        #expect(
            failure { () throws(SealingError) in try retired.open(old, kind: .issuer, row: row) } == .unknownDataKey(1))
        // An id is not used again.
        #expect(try retired.addingDataKey(random: sample.random, now: 6).dataKeyIDs == [2, 3])
    }

    @Test("The keys that are never replaced stay the same from one keyring to the next")
    func lasting() throws {
        let sample = try Sample()
        let next = try reopened(
            sample, try sample.keyring.addingDataKey(random: sample.random, now: 5).retiring([1]))
        let mark = Mark(generation: 1, nonce: Bytes24(from: sample.random), tag: Bytes16(from: sample.random))
        #expect(
            next.sumEntry(.slot, row: .slot(0), mark: mark) == sample.keyring.sumEntry(.slot, row: .slot(0), mark: mark)
        )
        func hashKey(_ keyring: Keyring) -> [UInt8] {
            keyring.withIssuedKeyHashKey { secret in secret.withBytes { $0.array } }
        }
        #expect(hashKey(next) == hashKey(sample.keyring))
    }
}
