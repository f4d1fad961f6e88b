/// Reads from a line what the index keeps of it, in one pass over its bytes.
struct LineTerms {
    /// Milliseconds since 1970 of the line that was taken last.
    private(set) var time: Int64 = 0
    /// The terms of all lines since the last ``clear()``.
    private(set) var terms = TermSet()
    /// The minute that was read last, as it was written, and its milliseconds: most lines are of the same one.
    private var minute: [UInt8] = []
    private var minuteStart: Int64 = 0

    /// Prefixes of a key's path that are kept: those with so many segments or fewer.
    static let deepest = 8

    mutating func clear() { terms.removeAll() }

    /// Takes in the entry at `range` of `bytes`; false where it cannot be read.
    mutating func take(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        var position = range.lowerBound + 1
        let end = range.upperBound - 1
        var hasTime = false
        guard range.count > 2, bytes[range.lowerBound] == 0x7B, bytes[end] == 0x7D else { return false }
        while position < end {
            guard bytes[position] == 0x22, let close = Self.closingQuote(bytes, position + 1, end),
                close + 2 < end, bytes[close + 1] == 0x3A
            else { return false }
            let name = (position + 1)..<close
            position = close + 2
            if bytes[position] == 0x22 {
                let start = position + 1
                if name.count == 4, Self.isName(Name.time, bytes, name) {
                    guard let close = Self.closingQuote(bytes, start, end), read(time: bytes, start..<close) else {
                        return false
                    }
                    hasTime = true
                    position = close + 1
                } else if let field = Self.field(bytes, name) {
                    guard let after = add(field, bytes, start, end) else { return false }
                    position = after
                } else {
                    guard let close = Self.closingQuote(bytes, start, end) else { return false }
                    position = close + 1
                }
            } else {
                while position < end, (0x30...0x39).contains(bytes[position]) { position += 1 }
            }
            guard position == end || bytes[position] == 0x2C else { return false }
            position += 1
        }
        return hasTime
    }

    /// Hashes the text that begins at `start`, and for a key's path each path that it is below.
    ///
    /// - Returns: the place after its closing quote; nil where there is none.
    private mutating func add(_ field: TermHash.Field, _ bytes: [UInt8], _ start: Int, _ end: Int) -> Int? {
        var hash = TermHash(field)
        var under = TermHash(.under)
        let isKey = field == .key
        var depth = 1
        var position = start
        while position < end {
            let byte = bytes[position]
            if byte == 0x22 {
                terms.insert(hash.value)
                if isKey, depth <= Self.deepest { terms.insert(under.value) }
                return position + 1
            }
            if isKey, byte == 0x2F {
                if depth <= Self.deepest { terms.insert(under.value) }
                depth += 1
            }
            hash.take(byte)
            if isKey { under.take(byte) }
            position += 1
            // An escaped character ends nothing.
            guard byte == 0x5C, position < end else { continue }
            hash.take(bytes[position])
            if isKey { under.take(bytes[position]) }
            position += 1
        }
        return nil
    }

    /// Reads a time such as `2026-11-21T03:29:07.123Z`.
    private mutating func read(time bytes: [UInt8], _ range: Range<Int>) -> Bool {
        guard range.count == 24 else { return false }
        let start = range.lowerBound
        if minute.count != 17 || !bytes[start..<(start + 17)].elementsEqual(minute) {
            guard let whole = Timestamp.parse(bytes[range]) else { return false }
            minute = Array(bytes[start..<(start + 17)])
            minuteStart = whole - whole.remainder(60_000)
            time = whole
            return true
        }
        guard let second = Self.number(bytes, start + 17, 2), second < 60, bytes[start + 19] == 0x2E,
            let thousandth = Self.number(bytes, start + 20, 3), bytes[start + 23] == 0x5A
        else { return false }
        time = minuteStart + second * 1000 + thousandth
        return true
    }

    private static func number(_ bytes: [UInt8], _ start: Int, _ count: Int) -> Int64? {
        var value: Int64 = 0
        for position in start..<(start + count) {
            guard (0x30...0x39).contains(bytes[position]) else { return nil }
            value = value * 10 + Int64(bytes[position] - 0x30)
        }
        return value
    }

    /// The place of the quote that closes a text which begins at `start`.
    private static func closingQuote(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Int? {
        var position = start
        while position < end {
            if bytes[position] == 0x22 { return position }
            position += bytes[position] == 0x5C ? 2 : 1
        }
        return nil
    }

    private static func field(_ bytes: [UInt8], _ name: Range<Int>) -> TermHash.Field? {
        switch name.count {
        case 3: isName(Name.key, bytes, name) ? .key : nil
        case 4: isName(Name.code, bytes, name) ? .code : nil
        case 6:
            if isName(Name.caller, bytes, name) {
                .caller
            } else if isName(Name.action, bytes, name) {
                .action
            } else {
                isName(Name.issuer, bytes, name) ? .issuer : nil
            }
        case 7:
            if isName(Name.outcome, bytes, name) {
                .outcome
            } else {
                isName(Name.address, bytes, name) ? .address : nil
            }
        case 10: isName(Name.issuedKey, bytes, name) ? .issuedKey : nil
        case 11: isName(Name.callerName, bytes, name) ? .caller : nil
        default: nil
        }
    }

    private static func isName(_ expected: [UInt8], _ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        for offset in expected.indices where bytes[range.lowerBound + offset] != expected[offset] { return false }
        return true
    }

    /// The names of fields that are looked at.
    private enum Name {
        static let time = Array("time".utf8)
        static let key = Array("key".utf8)
        static let code = Array("code".utf8)
        static let caller = Array("caller".utf8)
        static let action = Array("action".utf8)
        static let issuer = Array("issuer".utf8)
        static let outcome = Array("outcome".utf8)
        static let address = Array("address".utf8)
        static let issuedKey = Array("issued_key".utf8)
        static let callerName = Array("caller_name".utf8)
    }
}

extension Int64 {
    /// What is left after division, never negative.
    fileprivate func remainder(_ divisor: Int64) -> Int64 {
        let rest = self % divisor
        return rest < 0 ? rest + divisor : rest
    }
}
