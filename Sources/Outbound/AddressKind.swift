/// What kind of network an IP address lies in, as far as that decides whether a request may go there.
package enum AddressKind: Equatable, Sendable {
    /// Reachable over the internet.
    case global
    /// This machine, or a network that is not the internet: loopback, RFC 1918, RFC 4193, RFC 6598.
    case inside
    /// Link-local, multicast, unspecified, reserved, for documentation: never a host of an API. The addresses at
    /// which clouds hand out credentials are here.
    case never

    /// - Parameter bytes: 4 or 16, in network byte order. IPv4 inside IPv6 (mapped, 6to4, NAT64) counts as that IPv4.
    package init(_ bytes: [UInt8]) {
        switch bytes.count {
        case 4: self = Self.ofV4(bytes)
        case 16: self = Self.ofV6(bytes)
        default: self = .never
        }
    }

    /// After the IANA registry of special addresses (RFC 6890).
    private static func ofV4(_ a: [UInt8]) -> AddressKind {
        switch (a[0], a[1]) {
        case (127, _), (10, _), (172, 16...31), (192, 168), (100, 64...127): .inside
        case (0, _), (169, 254), (224..., _), (198, 18...19): .never
        case (192, 0) where a[2] == 0 || a[2] == 2: .never
        case (198, 51) where a[2] == 100: .never
        case (203, 0) where a[2] == 113: .never
        default: .global
        }
    }

    private static func ofV6(_ a: [UInt8]) -> AddressKind {
        let isZero = { (range: Range<Int>) in a[range].allSatisfy { $0 == 0 } }
        // ::ffff:0:0/96 and the two that translate: 64:ff9b::/96 (RFC 6052) and 2002::/16 (RFC 3056).
        if isZero(0..<10), a[10] == 0xff, a[11] == 0xff { return ofV4(Array(a[12...])) }
        if a[0] == 0, a[1] == 0x64, a[2] == 0xff, a[3] == 0x9b, isZero(4..<12) { return ofV4(Array(a[12...])) }
        if a[0] == 0x20, a[1] == 0x02 { return ofV4(Array(a[2..<6])) }
        if isZero(0..<15), a[15] == 1 { return .inside }
        if a[0] & 0xfe == 0xfc { return .inside }
        // Of what is left, 2000::/3 alone is the internet; 2001::/23 and 2001:db8::/32 in it are not.
        guard a[0] & 0xe0 == 0x20 else { return .never }
        if a[0] == 0x20, a[1] == 0x01, a[2] < 2 || (a[2] == 0x0d && a[3] == 0xb8) { return .never }
        return .global
    }
}
