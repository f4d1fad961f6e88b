extension KeyturnAddress {
    /// The URL of a call, in the form that AsyncHTTPClient takes; a socket's path stands where the host would.
    func url(of call: Call) -> String {
        var text =
            switch place {
            case .network: description
            case .socket(let path): "http+unix://" + PercentEncoding.encode(path)
            }
        text += call.path
        if !call.query.isEmpty {
            let pairs = call.query.map { "\($0.name)=\(PercentEncoding.encode($0.value))" }
            text += "?" + pairs.joined(separator: "&")
        }
        return text
    }
}

/// Percent-encoding (RFC 3986, section 2.1): everything but the unreserved characters.
enum PercentEncoding {
    /// - Parameter keepingSlashes: for a path of several segments.
    static func encode(_ text: String, keepingSlashes: Bool = false) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: "/") where keepingSlashes:
                encoded += "/"
            default:
                encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }
}
