/// Which three letters in a row occur in the searchable texts of some keys: it may say yes wrongly, never no.
struct TextFilter: Sendable {
    private static let bits = 1 << 15
    private var words = [UInt64](repeating: 0, count: bits / 64)
    /// Whether there are texts in which ASCII may be found that is not there byte by byte.
    private var isOpen = false

    mutating func add(_ entry: KeyEntry) {
        entry.withTexts { text in
            if text.mayStandForASCII { isOpen = true }
            var three: UInt32 = 0
            for offset in 0..<text.byteCount {
                three = (three << 8 | UInt32(text.folded(offset))) & 0xFF_FFFF
                guard offset >= 2 else { continue }
                let slot = Self.slot(three)
                words[slot >> 6] |= 1 << UInt64(slot & 63)
            }
        }
    }

    /// Whether some key may have all of `needles`.
    func mayHold(_ needles: TextNeedles) -> Bool {
        isOpen || needles.slots.allSatisfy { words[$0 >> 6] >> UInt64($0 & 63) & 1 == 1 }
    }

    static func slot(_ three: UInt32) -> Int { Int((three &* 0x9E37_79B1) >> 17) }
}

/// What every key that is searched for has in one of its texts, whatever the case of its letters.
struct TextNeedles: Sendable {
    /// At most 32.
    private var needles: [[UInt8]] = []
    fileprivate var slots: [Int] = []

    /// - Parameter texts: only those in ASCII and of one line say anything; others are compared by Unicode's rules.
    init(_ texts: [String]) {
        for text in texts where text.utf8.allSatisfy({ $0 < 0x80 && $0 != 10 && $0 != 13 }) && !text.isEmpty {
            let bytes = Array(text.lowercased().utf8)
            if needles.count < 32 { needles.append(bytes) }
            guard bytes.count >= 3 else { continue }
            for start in 0...(bytes.count - 3) {
                let three = bytes[start..<start + 3].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                slots.append(TextFilter.slot(three))
            }
        }
    }

    /// Whether `entry` may have all of them.
    func mayBe(in entry: KeyEntry) -> Bool {
        guard !needles.isEmpty else { return true }
        var (missing, isOpen) = (UInt64(1) << UInt64(needles.count) - 1, false)
        entry.withTexts { text in
            if text.mayStandForASCII { isOpen = true }
            for place in needles.indices where missing >> UInt64(place) & 1 == 1 {
                if text.contains(needles[place]) { missing &= ~(1 << UInt64(place)) }
            }
        }
        return isOpen || missing == 0
    }
}

extension RawSpan {
    /// A byte, capital ASCII letters as small ones.
    func folded(_ offset: Int) -> UInt8 {
        let byte = unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
        return byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
    }

    /// Whether there is a character that is an ASCII one to whoever compares by Unicode's rules, or in small letters: U+0130,
    /// U+037E, U+1FEF and U+212A are all that there are.
    fileprivate var mayStandForASCII: Bool {
        for offset in 0..<byteCount where folded(offset) >= 0x80 {
            let before = offset > 0 ? folded(offset - 1) : 0
            switch (before, folded(offset)) {
            case (0xC4, 0xB0), (0xCD, 0xBE): return true
            case (0xBF, 0xAF) where offset > 1 && folded(offset - 2) == 0xE1: return true
            case (0x84, 0xAA) where offset > 1 && folded(offset - 2) == 0xE2: return true
            default: break
            }
        }
        return false
    }

    fileprivate func contains(_ needle: [UInt8]) -> Bool {
        guard needle.count <= byteCount else { return false }
        for start in 0...(byteCount - needle.count) where folded(start) == needle[0] {
            var length = 1
            while length < needle.count, folded(start + length) == needle[length] { length += 1 }
            if length == needle.count { return true }
        }
        return false
    }
}
