/// An issued key's id as a number, which is compared and hashed without looking at text. The order of numbers is the
/// order of ids.
package struct IssuedKeyNumber: Hashable, Sendable, Comparable, BitwiseCopyable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt32

    package init(_ id: IssuedKeyID) {
        self.init(checkedDigits: id.text.utf8)
    }

    /// The number of the id that `text` spells; nil where it is none.
    package init?(_ text: String) {
        guard let id = IssuedKeyID(text) else { return nil }
        self.init(id)
    }

    init(checkedDigits digits: some Sequence<UInt8>) {
        var (high, low): (UInt64, UInt32) = (0, 0)
        var place = 0
        for digit in digits {
            if place < 8 { high = high << 8 | UInt64(digit) } else { low = low << 8 | UInt32(digit) }
            place += 1
        }
        self.high = high
        self.low = low
    }

    package static func < (a: IssuedKeyNumber, b: IssuedKeyNumber) -> Bool {
        a.high < b.high || (a.high == b.high && a.low < b.low)
    }

    /// The id.
    package var description: String {
        let digits =
            (0..<8).map { UInt8(truncatingIfNeeded: high >> (56 - 8 * UInt64($0))) }
            + (0..<4).map { UInt8(truncatingIfNeeded: low >> (24 - 8 * UInt32($0))) }
        return String(decoding: digits, as: UTF8.self)
    }
}
