internal import Mustache
internal import SecretMemory

/// Makes text inert in HTML, in elements and in quoted attributes alike.
///
/// The library's own escape looks at characters as people see them, and so leaves a quote alone that is followed by a
/// combining mark; a browser sees the quote. This one looks at scalars. Control characters, which no page can show, and
/// marks that turn the direction of what follows become U+FFFD.
struct MarkupEscape: MustacheContentType {
    /// What stands at the start of every template, so that this escape is used in it.
    static let pragma: String = {
        MustacheContentTypes.register(MarkupEscape(), named: "MARKUP")
        return "{{% CONTENT_TYPE: MARKUP}}"
    }()

    func escapeText(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { Self.replacement($0) != nil }) else { return text }
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if let replacement = Self.replacement(scalar) {
                escaped.append(contentsOf: replacement.unicodeScalars)
            } else {
                escaped.append(scalar)
            }
        }
        return String(escaped)
    }

    /// What stands for a scalar that cannot stand for itself.
    private static func replacement(_ scalar: Unicode.Scalar) -> String? {
        switch scalar {
        case "<": "&lt;"
        case ">": "&gt;"
        case "&": "&amp;"
        case "\"": "&quot;"
        case "'": "&#39;"
        case "`": "&#96;"
        case "\t", "\n", "\r": nil
        case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": "\u{FFFD}"
        default: nil
        }
    }

    /// The bytes of a secret, escaped the same way, without a string.
    ///
    /// - Parameter bytes: UTF-8.
    static func append(_ bytes: RawSpan, to page: inout [UInt8]) {
        for offset in bytes.byteOffsets {
            switch bytes.byte(at: offset) {
            case UInt8(ascii: "<"): page.append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: ">"): page.append(contentsOf: "&gt;".utf8)
            case UInt8(ascii: "&"): page.append(contentsOf: "&amp;".utf8)
            case UInt8(ascii: "\""): page.append(contentsOf: "&quot;".utf8)
            case UInt8(ascii: "'"): page.append(contentsOf: "&#39;".utf8)
            case 0..<0x09, 0x0B, 0x0C, 0x0E..<0x20, 0x7F: page.append(contentsOf: "\u{FFFD}".utf8)
            case let byte: page.append(byte)
            }
        }
    }
}
