/// The bytes that segments of paths, and the names of policies and issuers, are made of.
enum Segment {
    static let slash = UInt8(ascii: "/")
    static let dot = UInt8(ascii: ".")
    static let star = UInt8(ascii: "*")

    /// The most bytes of a policy's or an issuer's name.
    static let longestName = 64

    /// Whether a segment may hold `byte`; a dot may not come first.
    static func allows(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), dot:
            true
        default: false
        }
    }

    /// Whether `name` can be the name of a policy or an issuer: one segment of 1 to ``longestName`` bytes.
    static func isName(_ name: String) -> Bool {
        let bytes = name.utf8.span
        guard !bytes.isEmpty, bytes.count <= longestName, bytes[0] != dot else { return false }
        for offset in bytes.indices where !allows(bytes[offset]) { return false }
        return true
    }
}
