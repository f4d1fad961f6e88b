/// What a cache was kept for: it opens for the same vault and the same names, and for nothing else.
package struct CacheBinding: Sendable, Equatable {
    private let parts: [String]

    /// - Parameters:
    ///   - address: the address of the vault as it is written.
    ///   - names: what was asked for, in any order.
    package init(address: String, names: some Collection<String>) {
        parts = [address] + names.sorted()
    }

    /// Each part behind its length in 8 bytes, little-endian, so that no two lists give the same.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for part in parts {
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: UInt64(part.utf8.count) >> (8 * UInt64($0))) }
            bytes += part.utf8
        }
        return bytes
    }
}
