/// Spreads keys over time: the same key and the same moment always give the same share, and keys that are due together
/// get different ones. Not for secrets.
struct Scatter {
    private let seed: UInt64

    /// - Parameter keyID: the key's id, as bytes.
    init(keyID: [UInt8]) {
        // FNV-1a.
        seed = keyID.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }

    /// A number from 0 to below `bound`, or 0 where that is 0.
    func share(of bound: Int64, _ moment: Int64, _ purpose: UInt64 = 0) -> Int64 {
        guard bound > 0 else { return 0 }
        // The finaliser of SplitMix64.
        var mixed = seed ^ (UInt64(bitPattern: moment) &* 0x9E37_79B9_7F4A_7C15) ^ (purpose &* 0xD6E8_FEB8_6659_FD93)
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        return Int64(mixed % UInt64(bound))
    }
}
