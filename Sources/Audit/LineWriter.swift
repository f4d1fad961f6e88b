/// Writes bytes one after the other over memory that has room for all of them: whoever makes one has counted.
@safe struct LineWriter: ~Copyable {
    private let target: UnsafeMutableRawBufferPointer
    /// Where the next byte goes.
    private(set) var end: Int

    init(_ target: UnsafeMutableRawBufferPointer, from start: Int = 0) {
        unsafe self.target = target
        end = start
    }

    mutating func put(_ byte: UInt8) {
        precondition(unsafe end < target.count)
        unsafe target.storeBytes(of: byte, toByteOffset: end, as: UInt8.self)
        end += 1
    }

    mutating func put(_ text: StaticString) {
        unsafe put(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func put(_ bytes: RawSpan) { unsafe bytes.withUnsafeBytes { unsafe put($0) } }

    private mutating func put(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress, let to = unsafe target.baseAddress else { return }
        precondition(unsafe bytes.count <= target.count - end)
        unsafe (to + end).copyMemory(from: start, byteCount: bytes.count)
        end += bytes.count
    }

    /// Eight bytes, the first in the highest byte of `word`.
    mutating func put(bigEndian word: UInt64) {
        precondition(unsafe end <= target.count - 8)
        unsafe target.storeBytes(of: word.bigEndian, toByteOffset: end, as: UInt64.self)
        end += 8
    }

    /// The decimal digits of `number`.
    mutating func put(decimal number: UInt64) {
        var width = 1
        var bound: UInt64 = 10
        while width < 20, number >= bound {
            width += 1
            // The largest power that fits has twenty digits.
            if width < 20 { bound *= 10 }
        }
        put(number, width: width)
    }

    /// The last `width` decimal digits of `number`, zeros before it.
    mutating func put(_ number: UInt64, width: Int) {
        precondition(unsafe width <= target.count - end)
        var rest = number
        for place in stride(from: end + width - 1, through: end, by: -1) {
            unsafe target.storeBytes(
                of: 0x30 + UInt8(truncatingIfNeeded: rest % 10), toByteOffset: place, as: UInt8.self)
            rest /= 10
        }
        end += width
    }
}

/// Text in printable ASCII.
enum PlainText {
    /// Whether nothing has to be escaped: all bytes are in U+0020 to U+007E, but for `"` and `\`.
    static func isPlain(_ text: RawSpan) -> Bool {
        var place = 0
        if text.byteCount >= 8 {
            // The last eight may have been looked at in part.
            let last = text.byteCount - 8
            while place < last {
                let word = unsafe text.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self)
                guard isPlain(word) else { return false }
                place += 8
            }
            return isPlain(unsafe text.unsafeLoadUnaligned(fromByteOffset: last, as: UInt64.self))
        }
        var rest: UInt64 = 0x2020_2020_2020_2020
        while place < text.byteCount {
            rest = rest << 8 | UInt64(unsafe text.unsafeLoad(fromByteOffset: place, as: UInt8.self))
            place += 1
        }
        return isPlain(rest)
    }

    /// The same of eight bytes at once; a bit is left where one of them is not plain.
    private static func isPlain(_ word: UInt64) -> Bool {
        let (ones, high): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
        // A byte that is 0 has its highest bit set by this, and so may one above it, which is no matter: one is enough.
        func zeros(_ word: UInt64) -> UInt64 { (word &- ones) & ~word }
        let small = (word &- ones &* 0x20) & ~word
        return (word | small | zeros(word ^ ones &* 0x22) | zeros(word ^ ones &* 0x5C) | zeros(word ^ ones &* 0x7F))
            & high
            == 0
    }
}
