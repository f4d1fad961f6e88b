internal import Glibc

/// Reads from a line what the index keeps of it, in one pass over its bytes.
///
/// Lines that follow one another say much the same: a field that stands as in the line before is compared, and not
/// hashed again.
struct LineTerms {
    /// Milliseconds since 1970 of the line that was taken last.
    private(set) var time: Int64 = 0
    /// The terms of all lines since the last ``clear()``.
    private(set) var terms = TermSet()
    /// The minute that was read last, as it was written, and its milliseconds: most lines are of the same one.
    private var minute: [UInt8] = []
    private var minuteStart: Int64 = 0
    /// What each field held when it was hashed last; empty: nothing of it is among the terms.
    private var last = [[UInt8]](repeating: [], count: Field.allCases.count)

    /// Prefixes of a key's path that are kept: those with so many segments or fewer.
    static let deepest = 8

    mutating func clear() {
        terms.removeAll()
        for field in last.indices { last[field].removeAll(keepingCapacity: true) }
    }

    /// Takes in the entry at `range` of `bytes`; false where it cannot be read.
    mutating func take(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        unsafe bytes.withUnsafeBytes { all in unsafe take(UnsafeRawBufferPointer(rebasing: all[range])) }
    }

    private mutating func take(_ line: UnsafeRawBufferPointer) -> Bool {
        var position = 1
        let end = line.count - 1
        var hasTime = false
        guard end > 1, unsafe line[0] == 0x7B, unsafe line[end] == 0x7D else { return false }
        while position < end {
            guard unsafe line[position] == 0x22, let close = unsafe Self.closingQuote(line, position + 1, end),
                close + 2 < end, unsafe line[close + 1] == 0x3A
            else { return false }
            let name = unsafe UnsafeRawBufferPointer(rebasing: line[(position + 1)..<close])
            position = close + 2
            if unsafe line[position] == 0x22 {
                guard let close = unsafe Self.closingQuote(line, position + 1, end) else { return false }
                let text = unsafe UnsafeRawBufferPointer(rebasing: line[(position + 1)..<close])
                position = close + 1
                if unsafe Field.isTime(name) {
                    // A search goes by the first that it finds: of two, nobody can say which counts.
                    guard unsafe !hasTime && read(time: text) else { return false }
                    hasTime = true
                } else if let field = unsafe Field(name) {
                    // No path has one; written by somebody else, it may stand for a slash.
                    guard unsafe field != .key || !text.contains(0x5C) else { return false }
                    unsafe add(field, text)
                }
            } else {
                while position < end, unsafe (0x30...0x39).contains(line[position]) { position += 1 }
            }
            guard unsafe position == end || line[position] == 0x2C else { return false }
            position += 1
        }
        return hasTime
    }

    /// Hashes a field's text, and for a key's path each path that it is below.
    private mutating func add(_ field: Field, _ text: UnsafeRawBufferPointer) {
        guard unsafe !isLast(field, text) else { return }
        last[field.rawValue].removeAll(keepingCapacity: true)
        unsafe last[field.rawValue].append(contentsOf: text)
        unsafe terms.insert(TermHash.of(field.term, text))
        guard field == .key else { return }
        var under = TermHash(.under)
        var depth = 1
        for place in 0..<text.count {
            let byte = unsafe text[place]
            if byte == 0x2F {
                terms.insert(under.value)
                guard depth < Self.deepest else { return }
                depth += 1
            }
            under.take(byte)
        }
        terms.insert(under.value)
    }

    private func isLast(_ field: Field, _ text: UnsafeRawBufferPointer) -> Bool {
        let last = last[field.rawValue]
        return unsafe !last.isEmpty && last.withUnsafeBytes { unsafe Self.isSame($0, text) }
    }

    private static func isSame(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
        guard a.count == b.count else { return false }
        guard let first = a.baseAddress, let second = b.baseAddress else { return true }
        return unsafe memcmp(first, second, a.count) == 0
    }

    /// Reads a time such as `2026-11-21T03:29:07.123Z`.
    private mutating func read(time text: UnsafeRawBufferPointer) -> Bool {
        guard text.count == 24 else { return false }
        let start = unsafe UnsafeRawBufferPointer(rebasing: text[..<17])
        guard unsafe minute.withUnsafeBytes({ unsafe Self.isSame($0, start) }) else {
            guard let whole = unsafe Timestamp.parse(Array(text)[...]) else { return false }
            minute = unsafe Array(start)
            minuteStart = whole - whole.remainder(60_000)
            time = whole
            return true
        }
        guard let second = unsafe Self.number(text, 17, 2), second < 60, unsafe text[19] == 0x2E,
            let thousandth = unsafe Self.number(text, 20, 3), unsafe text[23] == 0x5A
        else { return false }
        time = minuteStart + second * 1000 + thousandth
        return true
    }

    private static func number(_ text: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> Int64? {
        var value: Int64 = 0
        for position in start..<(start + count) {
            let byte = unsafe text[position]
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 0x30)
        }
        return value
    }

    /// The place of the quote that closes a text which begins at `start`. A line of the log has none that is escaped: a
    /// quote within a text is written as `\u0022`.
    private static func closingQuote(_ line: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Int? {
        guard start < end, let base = line.baseAddress,
            let found = unsafe memchr(base + start, 0x22, end - start)
        else { return nil }
        let place = unsafe UnsafeRawPointer(found) - base
        return unsafe place > start && line[place - 1] == 0x5C ? nil : place
    }

    /// The fields that are looked at.
    private enum Field: Int, CaseIterable {
        case caller, callerName, key, action, outcome, code, address, issuer, issuedKey

        init?(_ name: UnsafeRawBufferPointer) {
            let field: Field
            switch name.count {
            case 3: field = .key
            case 4: field = .code
            case 6: field = unsafe name[0] == 0x63 ? .caller : name[0] == 0x61 ? .action : .issuer
            case 7: field = unsafe name[0] == 0x6F ? .outcome : .address
            case 10: field = .issuedKey
            case 11: field = .callerName
            default: return nil
            }
            guard field.name.withUTF8Buffer({ unsafe LineTerms.isSame(UnsafeRawBufferPointer($0), name) }) else {
                return nil
            }
            self = field
        }

        static func isTime(_ name: UnsafeRawBufferPointer) -> Bool {
            let time: StaticString = "time"
            return time.withUTF8Buffer { unsafe LineTerms.isSame(UnsafeRawBufferPointer($0), name) }
        }

        private var name: StaticString {
            switch self {
            case .caller: "caller"
            case .callerName: "caller_name"
            case .key: "key"
            case .action: "action"
            case .outcome: "outcome"
            case .code: "code"
            case .address: "address"
            case .issuer: "issuer"
            case .issuedKey: "issued_key"
            }
        }

        /// A caller is found by id and by name.
        var term: TermHash.Field {
            switch self {
            case .caller, .callerName: .caller
            case .key: .key
            case .action: .action
            case .outcome: .outcome
            case .code: .code
            case .address: .address
            case .issuer: .issuer
            case .issuedKey: .issuedKey
            }
        }
    }
}

extension Int64 {
    /// What is left after division, never negative.
    fileprivate func remainder(_ divisor: Int64) -> Int64 {
        let rest = self % divisor
        return rest < 0 ? rest + divisor : rest
    }
}
