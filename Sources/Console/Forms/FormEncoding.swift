/// Builds links: `application/x-www-form-urlencoded` the other way.
enum FormEncoding {
    /// `?a=b&c=d` of what is not empty; nothing where all is.
    static func query(_ fields: [(name: String, value: String)]) -> String {
        let parts = fields.filter { !$0.value.isEmpty }.map { "\(encode($0.name))=\(encode($0.value))" }
        return parts.isEmpty ? "" : "?" + parts.joined(separator: "&")
    }

    static func encode(_ text: String) -> String {
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "/"):
                encoded.append(byte)
            default: encoded.append(contentsOf: "%\(hexadecimal([byte]).uppercased())".utf8)
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}
