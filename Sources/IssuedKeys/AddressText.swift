/// The text forms of addresses (RFC 4291 section 2.2 for reading, RFC 5952 section 4 for writing).
enum AddressText {
    private static let dot = UInt8(ascii: ".")
    private static let colon = UInt8(ascii: ":")
    /// `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255`
    private static let longest = 45

    static func parse(_ text: [UInt8]) throws(IPAddressError) -> RawAddress {
        guard !text.contains(UInt8(ascii: "%")) else { throw .zone }
        guard (2...longest).contains(text.count) else { throw .malformed }
        if text.contains(colon) { return RawAddress(isV4: false, value: try parseV6(text)) }
        return RawAddress(isV4: true, value: UInt128(try parseV4(text[...])))
    }

    private static func parseV4(_ text: ArraySlice<UInt8>) throws(IPAddressError) -> UInt32 {
        let parts = text.split(separator: dot, omittingEmptySubsequences: false)
        guard parts.count == 4 else { throw .malformed }
        var value: UInt32 = 0
        for part in parts {
            guard let number = decimal(part, upTo: 255) else { throw .malformed }
            value = value << 8 | UInt32(number)
        }
        return value
    }

    private static func parseV6(_ text: [UInt8]) throws(IPAddressError) -> UInt128 {
        var groups: [UInt16] = []
        var gap: Int?
        var rest = text[...]
        if rest.starts(with: [colon, colon]) {
            gap = 0
            rest = rest.dropFirst(2)
        }
        while !rest.isEmpty {
            let group = rest.prefix { $0 != colon }
            if group.contains(dot) {
                guard group.endIndex == rest.endIndex else { throw .malformed }
                let tail = try parseV4(group)
                groups += [UInt16(tail >> 16), UInt16(tail & 0xffff)]
                break
            }
            guard let number = hexadecimal(group) else { throw .malformed }
            groups.append(number)
            rest = rest[group.endIndex...]
            if rest.starts(with: [colon, colon]) {
                guard gap == nil else { throw .malformed }
                gap = groups.count
                rest = rest.dropFirst(2)
            } else if rest.first == colon {
                rest = rest.dropFirst()
                guard !rest.isEmpty else { throw .malformed }
            }
        }
        if let gap {
            guard groups.count < 8 else { throw .malformed }
            groups.insert(contentsOf: repeatElement(0, count: 8 - groups.count), at: gap)
        }
        guard groups.count == 8 else { throw .malformed }
        return groups.reduce(UInt128(0)) { $0 << 16 | UInt128($1) }
    }

    /// A decimal number of one to three digits without a leading zero, or nil.
    static func decimal(_ digits: ArraySlice<UInt8>, upTo limit: Int) -> Int? {
        guard (1...3).contains(digits.count), digits.count == 1 || digits.first != UInt8(ascii: "0") else { return nil }
        var value = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value <= limit ? value : nil
    }

    private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt16? {
        guard (1...4).contains(digits.count) else { return nil }
        var value: UInt16 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt16(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt16(digit - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt16(digit - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        return value
    }

    static func write(_ address: RawAddress) -> String {
        if address.isV4 {
            let value = UInt32(truncatingIfNeeded: address.value)
            return "\(value >> 24).\(value >> 16 & 0xff).\(value >> 8 & 0xff).\(value & 0xff)"
        }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: address.value >> UInt128(112 - 16 * $0)) }
        let texts = groups.map { String($0, radix: 16) }
        guard let gap = longestZeros(in: groups) else { return texts.joined(separator: ":") }
        return texts[..<gap.lowerBound].joined(separator: ":") + "::"
            + texts[gap.upperBound...].joined(separator: ":")
    }

    /// The first of the longest runs of two or more zero groups.
    private static func longestZeros(in groups: [UInt16]) -> Range<Int>? {
        var best: Range<Int>?
        var start: Int?
        for position in 0...groups.count {
            if position < groups.count, groups[position] == 0 {
                start = start ?? position
            } else if let first = start {
                if position - first >= 2, position - first > best?.count ?? 0 { best = first..<position }
                start = nil
            }
        }
        return best
    }
}
