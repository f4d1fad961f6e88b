internal import SecretMemory

/// Where a template's value lands, which decides how it is written there.
enum TemplateContext: Hashable, Sendable {
    /// A segment of a URL's path, or part of one.
    case path
    /// A name or value of a URL's query, or of a form (application/x-www-form-urlencoded).
    case query
    case header
    /// Between the quotes of a JSON string.
    case jsonString
    /// In place of a JSON value.
    case jsonValue
    /// The user or password of Basic credentials (RFC 7617), before base64.
    case basic
}

/// Text with names in double braces, each replaced by a field as its context wants it.
struct Template: Sendable {
    enum Part: Sendable {
        case text(String)
        case name(TemplateName)
    }

    let parts: [Part]
    var names: [TemplateName] {
        parts.compactMap { if case .name(let name) = $0 { name } else { nil } }
    }
    /// Whether nothing is to be replaced.
    var isPlain: Bool { names.isEmpty }

    /// Why a text is no template.
    enum Problem: Error {
        /// Two braces open and none close.
        case unclosed
        /// What is between the braces names nothing.
        case unknown(String)
    }

    init(parsing text: String) throws(Problem) {
        var parts: [Part] = []
        var rest = text[...]
        while let opening = rest.firstRange(of: "{{") {
            if opening.lowerBound > rest.startIndex { parts.append(.text(String(rest[..<opening.lowerBound]))) }
            rest = rest[opening.upperBound...]
            guard let closing = rest.firstRange(of: "}}") else { throw .unclosed }
            let inner = rest[..<closing.lowerBound]
            let word = String(inner.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            guard let name = TemplateName(parsing: word) else { throw .unknown(word) }
            parts.append(.name(name))
            rest = rest[closing.upperBound...]
        }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
        self.parts = parts
    }
}

/// Why a template has no value in this run.
enum RenderProblem: Error, Equatable, Sendable {
    /// The credential lacks the field.
    case missing(TemplateName)
    /// The value cannot stand where the template puts it: a line break in a header, `..` as a segment of a path.
    case unfit(TemplateName)
}

/// Gives the values of names, for one call.
typealias TemplateValues = (TemplateName) -> WipedBytes?

extension Template {
    /// The text with every name replaced.
    func render(
        _ context: TemplateContext, _ values: TemplateValues
    ) throws(RenderProblem) -> String {
        var result = ""
        for part in parts {
            switch part {
            case .text(let text): result += text
            case .name(let name):
                guard let value = values(name) else { throw .missing(name) }
                guard let text = value.disclosedText(), let escaped = Self.escape(text, context) else {
                    throw .unfit(name)
                }
                result += escaped
            }
        }
        return result
    }

    /// - Returns: nil where the text cannot stand there.
    static func escape(_ text: String, _ context: TemplateContext) -> String? {
        switch context {
        case .path: text.isEmpty ? nil : percentEncoded(text)
        case .query: percentEncoded(text)
        case .header, .basic: text.utf8.allSatisfy { (0x20...0x7e).contains($0) } ? text : nil
        case .jsonString: jsonEscaped(text)
        case .jsonValue: ReplyJSON.read(Array(text.utf8)) == nil ? nil : text
        }
    }

    /// All but the unreserved characters of RFC 3986 section 2.3.
    private static func percentEncoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                result.append("%")
                result.append(digits[Int(byte >> 4)])
                result.append(digits[Int(byte & 15)])
            }
        }
        return result
    }

    private static func jsonEscaped(_ text: String) -> String {
        let digits = Array("0123456789abcdef")
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                result += "\\u00"
                result.append(digits[Int(scalar.value >> 4)])
                result.append(digits[Int(scalar.value & 15)])
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
