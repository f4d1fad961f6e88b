/// The name of a record: 1 to 64 opaque bytes, ordered bytewise, a prefix before what it begins.
package struct RecordKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// How many bytes a key may have.
    package static let lengths = 1...64

    package let bytes: [UInt8]

    /// - Precondition: `bytes` has one of the allowed ``lengths``; keys are made by the engine, never by a caller.
    package init(_ bytes: [UInt8]) {
        precondition(Self.lengths.contains(bytes.count), "a record key has 1 to 64 bytes")
        self.bytes = bytes
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }

    /// Hexadecimal. A key is a keyed hash or a constant and tells nothing of what it names.
    package var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
