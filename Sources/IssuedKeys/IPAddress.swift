/// Why a text or some bytes are no address. Nothing of the input is in it.
package enum IPAddressError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The text is neither an IPv4 nor an IPv6 address.
    case malformed
    /// The text names a zone (`%eth0`), which has no meaning outside one host.
    case zone
    /// An address has 4 or 16 bytes.
    case byteCount

    package var description: String {
        switch self {
        case .malformed: "an address reads like 192.0.2.1 or 2001:db8::1"
        case .zone: "an address here has no zone (`%` and what follows)"
        case .byteCount: "an address has 4 or 16 bytes"
        }
    }
}

/// An IPv4 or IPv6 address. An IPv4 address mapped into IPv6 (`::ffff:192.0.2.1`, RFC 4291 section 2.5.5.2) is that
/// IPv4 address, however it was written, so that a dual-stack listener cannot get round a list of networks.
package struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// Whether this is an IPv4 address.
    package let isV4: Bool
    /// The address as a number: below 2³² for IPv4.
    let value: UInt128

    /// How many bits an address of this family has.
    var width: Int { isV4 ? 32 : 128 }

    /// Reads the text of an address.
    ///
    /// IPv4 is four decimal numbers without leading zeros (RFC 6943 section 3.1.1, the strict form). IPv6 is one of
    /// the forms of RFC 4291 section 2.2, in either case, `::` standing once for at least one group, the last 32 bits
    /// in dotted form if so written. Brackets, zones, ports and spaces are refused.
    ///
    /// - Throws: ``IPAddressError``.
    package init(parsing text: String) throws(IPAddressError) {
        self.init(folding: try AddressText.parse(Array(text.utf8)))
    }

    /// An address in network byte order.
    ///
    /// - Throws: ``IPAddressError/byteCount`` unless there are 4 or 16 bytes.
    package init(bytes: [UInt8]) throws(IPAddressError) {
        guard bytes.count == 4 || bytes.count == 16 else { throw .byteCount }
        let value = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        self.init(folding: RawAddress(isV4: bytes.count == 4, value: value))
    }

    /// Whether it stays on its host: 127.0.0.0/8 and ::1.
    package var isLoopback: Bool { isV4 ? value >> 24 == 127 : value == 1 }

    init(folding raw: RawAddress) {
        isV4 = raw.isV4 || raw.isMappedV4
        value = raw.isMappedV4 ? raw.value & 0xffff_ffff : raw.value
    }

    /// The usual text: dotted for IPv4, RFC 5952 for IPv6.
    package var description: String { AddressText.write(RawAddress(isV4: isV4, value: value)) }
}

/// An address as it was written, before a mapped one is folded.
struct RawAddress {
    var isV4: Bool
    var value: UInt128

    var isMappedV4: Bool { !isV4 && value >> 32 == 0xffff }
}
