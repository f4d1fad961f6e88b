import SQLiteStorage
import Storage

/// A sequence of commits of which each depends on its number alone, so that from the number of the last one everything
/// that must be stored can be told.
enum Workload {
    static let head = RecordKey([0])

    /// Three new records, the third of an earlier commit deleted, the number itself moved on; now and then with the
    /// traces erased.
    static func batch(_ number: UInt64) -> RecordBatch {
        RecordBatch(
            expectations: [(head, number > 1 ? big(number - 1) : nil)],
            puts: [(head, big(number))] + (0..<3).map { (key(number, $0), value(number, $0)) },
            deletes: number > 3 ? [key(number - 3, 2)] : [],
            erasesTraces: number % 6 == 0)
    }

    /// The number of the last commit in `store`.
    ///
    /// - Throws: where the store does not hold exactly what the commits up to that number leave.
    static func verify(_ store: SQLiteStore) throws -> UInt64 {
        let last = try store.read(head).map { $0.reduce(0) { $0 << 8 | UInt64($1) } } ?? 0
        var expected: [RecordKey: [UInt8]] = last > 0 ? [head: big(last)] : [:]
        for number in 1..<(last + 1) {
            for index in 0..<3 where index < 2 || number + 3 > last {
                expected[key(number, index)] = value(number, index)
            }
        }
        var count = 0
        try store.scan(from: nil, through: nil) { (key, bytes) throws(StorageError) in
            count += 1
            let found = bytes.withUnsafeBytes { Array($0) }
            guard found == expected[key] else { throw .damaged(reason: "record \(key) is wrong at commit \(last)") }
            return true
        }
        guard count == expected.count else {
            throw StorageError.damaged(reason: "\(count) records instead of \(expected.count) at commit \(last)")
        }
        return last
    }

    private static func big(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
    }
    private static func key(_ number: UInt64, _ index: Int) -> RecordKey {
        RecordKey([1] + big(number) + [UInt8(index)])
    }

    private static func value(_ number: UInt64, _ index: Int) -> [UInt8] {
        var state = number &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(index)
        return (0..<(index == 1 && number % 4 == 0 ? 20_000 : 250)).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(state >> 56)
        }
    }
}
