package import Storage
import Testing

/// One promise of ``RecordStore``, checked against an empty store of any kind.
///
/// ```swift
/// @Test("The store keeps the contract", arguments: ConformanceCase.all)
/// func contract(_ promise: ConformanceCase) throws { try promise.check(MemoryStore()) }
/// ```
package struct ConformanceCase: Sendable, CustomTestStringConvertible {
    package let sentence: String
    package let check: @Sendable (any RecordStore) throws -> Void

    package init(_ sentence: String, _ check: @escaping @Sendable (any RecordStore) throws -> Void) {
        self.sentence = sentence
        self.check = check
    }

    package var testDescription: String { sentence }

    /// Every promise.
    package static let all: [ConformanceCase] = refusals + commits + scans
}

/// A key with the bytes of `text`.
package func key(_ text: String) -> RecordKey { RecordKey(Array(text.utf8)) }

/// The bytes of `text`.
package func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

extension RecordStore {
    /// Everything in the store, or a range of it, in the order in which the store tells it.
    package func all(from: RecordKey? = nil, through: RecordKey? = nil) throws(StorageError) -> [(RecordKey, [UInt8])] {
        var found: [(RecordKey, [UInt8])] = []
        try scan(from: from, through: through) { (key, bytes) throws(StorageError) in
            found.append((key, bytes.withUnsafeBytes { Array($0) }))
            return true
        }
        return found
    }
}
