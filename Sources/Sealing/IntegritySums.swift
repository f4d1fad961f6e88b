internal import FoundationEssentials
internal import SecretMemory

/// What one record adds to the sums: a keyed hash of its mark, as a number, and the bucket that it is added to.
package struct SumEntry: Hashable, Sendable {
    let bucket: UInt8
    let value: Sum
}

/// A number modulo 2^256.
struct Sum: Hashable, Sendable {
    /// The least significant first.
    private var words: (UInt64, UInt64, UInt64, UInt64)

    init() { words = (0, 0, 0, 0) }

    /// Reads 32 bytes, the least significant first.
    init(littleEndian bytes: Bytes32) {
        words = bytes.withBytes { span in
            func word(_ index: Int) -> UInt64 {
                UInt64(littleEndian: unsafe span.unsafeLoadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
            }
            return (word(0), word(1), word(2), word(3))
        }
    }

    static func += (sum: inout Sum, other: Sum) {
        var carry = false
        func add(_ a: inout UInt64, _ b: UInt64) {
            let (partial, first) = a.addingReportingOverflow(b)
            let (total, second) = partial.addingReportingOverflow(carry ? 1 : 0)
            a = total
            carry = first || second
        }
        add(&sum.words.0, other.words.0)
        add(&sum.words.1, other.words.1)
        add(&sum.words.2, other.words.2)
        add(&sum.words.3, other.words.3)
    }

    static func -= (sum: inout Sum, other: Sum) {
        var negated = Sum()
        negated.words = (~other.words.0, ~other.words.1, ~other.words.2, ~other.words.3)
        var one = Sum()
        one.words.0 = 1
        negated += one
        sum += negated
    }

    static func == (a: Sum, b: Sum) -> Bool { a.words == b.words }

    func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }

    func append(to bytes: inout [UInt8]) {
        for word in [words.0, words.1, words.2, words.3] {
            for index in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> (8 * UInt64(index)))) }
        }
    }
}

/// The sums over all records that enter them, in 256 buckets with a count each. A record that is altered, removed,
/// brought back or rolled back by itself changes a bucket that the vault head, sealed with every commit, remembers.
package struct IntegritySums: Hashable, Sendable {
    private var sums = [Sum](repeating: Sum(), count: 256)
    private var counts = [UInt64](repeating: 0, count: 256)

    /// No records.
    package init() {}

    /// The sums that a vault head remembers.
    ///
    /// - Throws: ``SealingError/malformed(_:)`` unless there are 256 of each.
    package init(_ head: Records.VaultHead) throws(SealingError) {
        let bytes = [UInt8](head.sums)
        guard bytes.count == 256 * 32, head.counts.count == 256 else { throw .malformed(.vaultHead) }
        for bucket in 0..<256 {
            guard let value = Bytes32(Array(bytes[(32 * bucket)..<(32 * bucket + 32)])) else {
                throw .malformed(.vaultHead)
            }
            sums[bucket] = Sum(littleEndian: value)
        }
        counts = head.counts
    }

    /// Puts the sums into a vault head.
    package func store(in head: inout Records.VaultHead) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256 * 32)
        for sum in sums { sum.append(to: &bytes) }
        head.sums = Data(bytes)
        head.counts = counts
    }

    package mutating func add(_ entry: SumEntry) {
        sums[Int(entry.bucket)] += entry.value
        counts[Int(entry.bucket)] &+= 1
    }

    package mutating func remove(_ entry: SumEntry) {
        sums[Int(entry.bucket)] -= entry.value
        counts[Int(entry.bucket)] &-= 1
    }

    /// Adds all that `other` has: what another thread has summed over a part of the records.
    package mutating func add(_ other: IntegritySums) {
        for bucket in 0..<256 {
            sums[bucket] += other.sums[bucket]
            counts[bucket] &+= other.counts[bucket]
        }
    }

    /// How many records there are.
    package var count: UInt64 { counts.reduce(0, &+) }

    /// The buckets in which these sums and `other` differ, with how many records more `other` has there.
    package func difference(from other: IntegritySums) -> [(bucket: UInt8, surplus: Int64)] {
        (0..<256).compactMap { bucket in
            guard sums[bucket] != other.sums[bucket] || counts[bucket] != other.counts[bucket] else { return nil }
            return (UInt8(bucket), Int64(truncatingIfNeeded: other.counts[bucket] &- counts[bucket]))
        }
    }
}
