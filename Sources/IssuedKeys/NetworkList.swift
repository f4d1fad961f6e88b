/// What is wrong with a list of networks. Entries are counted from 1; what was written is not repeated.
package enum NetworkListError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A list of no networks would let nobody in.
    case empty
    /// More than ``NetworkList/maximumCount`` networks.
    case tooMany
    /// This entry is no network.
    case malformed(entry: Int)
    /// This entry has bits set after its length; the network that was probably meant is named.
    case hostBitsSet(entry: Int, corrected: String)

    package var description: String {
        switch self {
        case .empty: "a list of networks names at least one"
        case .tooMany: "a list of networks names at most \(NetworkList.maximumCount)"
        case .malformed(let entry): "network \(entry) is not a network: one reads like 192.0.2.0/24 or 2001:db8::/32"
        case .hostBitsSet(let entry, let corrected):
            "network \(entry) has bits set beyond its length: the network is \(corrected)"
        }
    }
}

/// The networks that an issued key may be used from: at least one, of either family.
///
/// IPv4 networks match IPv4 addresses and IPv6 networks the others; mapped addresses are IPv4 on both sides, so
/// `::ffff:192.0.2.0/120` is `192.0.2.0/24`, and `::/0` lets no IPv4 address in.
package struct NetworkList: Sendable, Equatable, CustomStringConvertible {
    /// The most networks in one list.
    package static let maximumCount = 64

    private let networks: [Network]

    /// Reads networks in CIDR notation (RFC 4632, RFC 4291 section 2.3). An address alone is a network of that one.
    ///
    /// - Throws: ``NetworkListError``: an empty list, an entry that is no network or has host bits set.
    package init(parsing texts: [String]) throws(NetworkListError) {
        guard !texts.isEmpty else { throw .empty }
        guard texts.count <= Self.maximumCount else { throw .tooMany }
        var networks: [Network] = []
        for (offset, text) in texts.enumerated() {
            networks.append(try Network(parsing: text, entry: offset + 1))
        }
        self.networks = networks
    }

    /// Whether one of the networks holds `address`.
    package func contains(_ address: IPAddress) -> Bool {
        networks.contains { $0.contains(address) }
    }

    /// The networks in their usual notation, in the order they were given; reading them gives an equal list.
    package var texts: [String] { networks.map(\.text) }

    package var description: String { texts.joined(separator: ", ") }
}

/// One network: an address whose bits after the first `length` are 0.
private struct Network: Sendable, Equatable {
    let address: IPAddress
    let length: Int

    init(parsing text: String, entry: Int) throws(NetworkListError) {
        let parts = Array(text.utf8).split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count <= 2, let first = parts.first else { throw .malformed(entry: entry) }
        let written: RawAddress
        do { written = try AddressText.parse(Array(first)) } catch { throw .malformed(entry: entry) }
        let width = written.isV4 ? 32 : 128
        var length = width
        if parts.count == 2 {
            guard let given = AddressText.decimal(parts[1], upTo: width) else { throw .malformed(entry: entry) }
            length = given
        }
        // Looked at before a mapped address is folded: a mapped one with fewer than 96 bits always has host bits set.
        let masked = written.value & Self.mask(length, of: width)
        guard masked == written.value else {
            let network = AddressText.write(RawAddress(isV4: written.isV4, value: masked))
            throw .hostBitsSet(entry: entry, corrected: "\(network)/\(length)")
        }
        address = IPAddress(folding: written)
        self.length = written.isMappedV4 ? length - 96 : length
    }

    func contains(_ other: IPAddress) -> Bool {
        other.isV4 == address.isV4 && other.value & Self.mask(length, of: address.width) == address.value
    }

    var text: String { "\(address)/\(length)" }

    /// A number of `width` bits of which the first `length` are 1.
    private static func mask(_ length: Int, of width: Int) -> UInt128 {
        let all = UInt128.max >> UInt128(128 - width)
        return all & ~(all >> UInt128(length))
    }
}
