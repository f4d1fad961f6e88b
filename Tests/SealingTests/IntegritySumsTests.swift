import SecretMemory
import Testing

@testable import Sealing

@Suite("The sums")
struct IntegritySumsTests {
    private struct Record {
        var kind: RecordKind
        var row: RowID
        var mark: Mark
    }

    private let keyring: Keyring
    private let random = SystemRandom()
    private var records: [Record]
    private let sums: IntegritySums

    init() throws {
        keyring = try Sample().keyring
        records = []
        for index in 0..<400 {
            let kind: RecordKind = index < 3 ? .slot : index < 300 ? .keyHead : .issuedKey
            let row = kind == .slot ? RowID.slot(UInt8(index)) : keyring.rowID(kind, name: "name \(index)")
            records.append(Record(kind: kind, row: row, mark: Self.mark(random, generation: UInt64(index))))
        }
        sums = Self.sums(keyring, records)
    }

    private static func mark(_ random: SystemRandom, generation: UInt64) -> Mark {
        Mark(generation: generation, nonce: Bytes24(from: random), tag: Bytes16(from: random))
    }

    private static func sums(_ keyring: Keyring, _ records: [Record]) -> IntegritySums {
        var sums = IntegritySums()
        for record in records { sums.add(keyring.sumEntry(record.kind, row: record.row, mark: record.mark)) }
        return sums
    }

    /// The buckets in which `changed` differs, checked to be only those of `record`.
    private func surplus(_ changed: [Record], only record: Record) -> Int64? {
        let difference = sums.difference(from: Self.sums(keyring, changed))
        guard difference.count == 1, difference[0].bucket == keyring.bucket(record.kind, row: record.row) else {
            return nil
        }
        return difference[0].surplus
    }

    @Test("A record that was altered or rolled back is found in its bucket")
    func altered() {
        for index in [0, 17, 399] {
            for change in 0..<3 {
                var changed = records
                let mark = records[index].mark
                changed[index].mark =
                    switch change {
                    case 0: Mark(generation: mark.generation + 1, nonce: mark.nonce, tag: mark.tag)
                    case 1: Mark(generation: mark.generation, nonce: Bytes24(from: random), tag: mark.tag)
                    default: Mark(generation: mark.generation, nonce: mark.nonce, tag: Bytes16(from: random))
                    }
                #expect(surplus(changed, only: records[index]) == 0)
            }
        }
    }

    @Test("A record that was removed, and one that was brought back, is found in its bucket")
    func removedAndBroughtBack() {
        var removed = records
        let gone = removed.remove(at: 123)
        #expect(surplus(removed, only: gone) == -1)
        let back = Record(
            kind: .keyHead, row: keyring.rowID(.keyHead, name: "gone"), mark: Self.mark(random, generation: 7))
        #expect(surplus(records + [back], only: back) == 1)
        #expect(surplus(records + [records[9]], only: records[9]) == 1)
    }

    @Test("Two records whose marks were swapped are found")
    func swapped() {
        var changed = records
        (changed[10].mark, changed[11].mark) = (changed[11].mark, changed[10].mark)
        #expect(!sums.difference(from: Self.sums(keyring, changed)).isEmpty)
    }

    @Test("A record taken out and put in again leaves the sums as they were, in any order")
    func reversible() {
        var changed = sums
        let entries = records.map { keyring.sumEntry($0.kind, row: $0.row, mark: $0.mark) }
        for entry in entries.shuffled() { changed.remove(entry) }
        #expect(changed == IntegritySums())
        #expect(changed.count == 0)
        for entry in entries.shuffled() { changed.add(entry) }
        #expect(changed == sums)
        #expect(sums.difference(from: changed).isEmpty)
    }

    @Test("Parts that were summed apart make the whole")
    func parts() {
        var first = Self.sums(keyring, Array(records[..<150]))
        first.add(Self.sums(keyring, Array(records[150...])))
        #expect(first == sums)
        #expect(first.count == 400)
    }

    @Test("The sums come back from a vault head, and a head with another number of them is malformed")
    func vaultHead() throws {
        var head = Records.VaultHead()
        sums.store(in: &head)
        #expect(head.sums.count == 8192)
        #expect(try IntegritySums(head) == sums)
        var short = head
        short.sums.removeLast()
        #expect(failure { () throws(SealingError) in try IntegritySums(short) } == .malformed(.vaultHead))
        short = head
        short.counts.removeLast()
        #expect(failure { () throws(SealingError) in try IntegritySums(short) } == .malformed(.vaultHead))
        #expect(failure { () throws(SealingError) in try IntegritySums(Records.VaultHead()) } == .malformed(.vaultHead))
    }

    @Test("Adding carries through all 256 bits, and subtracting borrows")
    func carries() throws {
        let one = Sum(littleEndian: try #require(Bytes32([1] + [UInt8](repeating: 0, count: 31))))
        let most = Sum(littleEndian: try #require(Bytes32([UInt8](repeating: 255, count: 32))))
        var sum = most
        sum += one
        #expect(sum == Sum())
        sum -= one
        #expect(sum == most)
        var low = Sum(
            littleEndian: try #require(Bytes32([UInt8](repeating: 255, count: 24) + [UInt8](repeating: 0, count: 8))))
        low += one
        var bytes: [UInt8] = []
        low.append(to: &bytes)
        #expect(bytes == [UInt8](repeating: 0, count: 24) + [1] + [UInt8](repeating: 0, count: 7))
    }

    @Test("Another vault's key gives other sums and buckets")
    func keyed() throws {
        let other = try Sample().keyring
        #expect(Self.sums(other, records) != sums)
    }
}
