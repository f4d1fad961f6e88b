/// Why a request could not be understood: a code, the member at fault, and what would be right.
///
/// It never holds a value from the request. A member's name is repeated only where it is one that this build knows
/// or is made of few lower-case letters, because a caller who confuses names and values may send a secret as a name.
package struct WireRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// `malformed`, `unknown_member`, `invalid_field` or another code of status 400.
    package let code: ProblemCode
    /// Where it is: `tags`, `keys[3].fields`.
    package let field: String?
    /// A sentence that says what would be right.
    package let detail: String

    package init(_ code: ProblemCode, field: String? = nil, detail: String) {
        self.code = code
        self.field = field
        self.detail = detail
    }

    /// The reply that tells the caller.
    package var problem: ProblemDocument { ProblemDocument(code, detail: detail, field: field) }

    package var description: String {
        field.map { "\(code.rawValue) in \($0): \(detail)" } ?? "\(code.rawValue): \(detail)"
    }
}

extension WireRefusal {
    /// A value that is not what the member at `path` takes.
    package init(at path: [any CodingKey], expected: String) {
        let field = Self.fieldName(path)
        self.init(.invalidField, field: field, detail: "\(field.map { "`\($0)`" } ?? "The body") must be \(expected).")
    }

    /// What a decoder says, without the text it says it in: its descriptions quote the input.
    package init(decoding error: any Error) {
        switch error {
        case let refusal as WireRefusal:
            self = refusal
        case DecodingError.typeMismatch(let type, let context):
            self.init(at: context.codingPath, expected: Self.words(for: type))
        case DecodingError.valueNotFound(let type, let context):
            self.init(at: context.codingPath, expected: "\(Self.words(for: type)), not null")
        case DecodingError.keyNotFound(let key, let context):
            // A name that this build asks for is no secret, whatever it is made of.
            let place = Self.fieldName(context.codingPath)
            let field = place.map { "\($0).\(key.stringValue)" } ?? key.stringValue
            self.init(.invalidField, field: field, detail: "`\(field)` is missing.")
        case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
            let field = Self.fieldName(context.codingPath)
            self.init(.invalidField, field: field, detail: "`\(field ?? "")` has a value that it may not have.")
        default:
            self.init(
                .malformed, detail: "The body is not well-formed JSON (RFC 8259), or has a number that no member takes."
            )
        }
    }

    private static func words(for type: any Any.Type) -> String {
        switch type {
        case is String.Type, is SecretText.Type, is Timestamp.Type: "a string"
        case is Bool.Type: "true or false"
        case is any FixedWidthInteger.Type: "a whole number in range"
        case is any BinaryFloatingPoint.Type: "a number"
        case is any ArrayLike.Type: "an array"
        default: "an object"
        }
    }
}

private protocol ArrayLike {}
extension Array: ArrayLike {}
