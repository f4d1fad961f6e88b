/// What of an entry the index knows: a field and its text, as a number of 64 bits.
///
/// The hash is FNV-1a over the text as it stands in the line, escapes included, and then mixed. It keeps no secret:
/// whoever finds two texts with one hash makes a search read a block in vain.
struct TermHash {
    enum Field: UInt64 {
        /// The caller's id or its name.
        case caller = 1
        case key
        /// A path that the key is at or below.
        case under
        case action
        case outcome
        case code
        case address
        case issuer
        case issuedKey
    }

    private var state: UInt64

    init(_ field: Field) { state = 0xcbf2_9ce4_8422_2325 ^ (field.rawValue &* 0x9e37_79b9_7f4a_7c15) }

    mutating func take(_ byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }

    /// The hash of what was taken so far; never 0.
    var value: UInt64 {
        var mixed = state
        mixed = (mixed ^ (mixed >> 33)) &* 0xff51_afd7_ed55_8ccd
        mixed = (mixed ^ (mixed >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        mixed ^= mixed >> 33
        return mixed == 0 ? 1 : mixed
    }

    static func of(_ field: Field, _ text: some Sequence<UInt8>) -> UInt64 {
        var hash = TermHash(field)
        for byte in text { hash.take(byte) }
        return hash.value
    }
}

/// A set of hashes that is filled and emptied over and over.
struct TermSet {
    private var table: [UInt64]
    private(set) var terms: [UInt64] = []

    init() { table = [UInt64](repeating: 0, count: 1 << 12) }

    var count: Int { terms.count }

    /// Adds `term`, which is not 0.
    mutating func insert(_ term: UInt64) {
        if terms.count * 2 >= table.count { grow() }
        if Self.place(term, in: &table) { terms.append(term) }
    }

    mutating func removeAll() {
        for term in terms {
            var slot = Int(truncatingIfNeeded: term) & (table.count - 1)
            // Terms that were moved on by this one are removed by their own turn, or stand in a slot before it.
            while table[slot] != 0 {
                table[slot] = 0
                slot = (slot + 1) & (table.count - 1)
            }
        }
        terms.removeAll(keepingCapacity: true)
    }

    private static func place(_ term: UInt64, in table: inout [UInt64]) -> Bool {
        let mask = table.count - 1
        var slot = Int(truncatingIfNeeded: term) & mask
        while table[slot] != 0 {
            if table[slot] == term { return false }
            slot = (slot + 1) & mask
        }
        table[slot] = term
        return true
    }

    private mutating func grow() {
        table = [UInt64](repeating: 0, count: table.count * 2)
        for term in terms { _ = Self.place(term, in: &table) }
    }
}
