/// A short word from a closed set: an action, an error code.
///
/// Letters, digits and `_ - . :`, 1 to 40 bytes. What is anything else becomes `invalid`, so that a token
/// carries nothing that a caller wrote.
package struct AuditToken: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    package let text: String

    /// The longest token in bytes.
    package static let limit = 40

    package init(stringLiteral text: StaticString) { self.init(checking: text.description) }

    /// The name of a case of a closed enum.
    package init<Word: RawRepresentable & CaseIterable>(_ word: Word) where Word.RawValue == String {
        self.init(checking: word.rawValue)
    }

    /// `text` where it has a token's form, else `invalid`. For words out of tables of ours.
    package init(checking text: String) {
        self.text = Self.isToken(text) ? text : "invalid"
    }

    private static func isToken(_ text: String) -> Bool {
        let bytes = text.utf8
        return (1...limit).contains(bytes.count)
            && bytes.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x3A, 0x5F: true
                default: false
                }
            }
    }

    package var description: String { text }
}

/// The template of a route, as it is written in the program: `/v1/keys/{path}:rotate`. Never a request's own path.
package struct AuditRoute: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    package let template: String

    package init(stringLiteral template: StaticString) { self.template = template.description }

    /// The name of a case of a closed enum.
    package init<Word: RawRepresentable & CaseIterable>(_ word: Word) where Word.RawValue == String {
        template = word.rawValue
    }

    /// A template out of the program's own table of routes; never a request's own path.
    package init(ofTable template: String) { self.template = template }

    package var description: String { template }
}
