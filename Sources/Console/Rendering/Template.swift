internal import Mustache
internal import SecretMemory

/// What a template is filled in with: text, numbers, whether something is so, further views and lists of them.
///
/// A name that is not in a view is looked for in the one around it: a view in a list says of each name whether it has it.
/// An absent name, `false` and an empty list leave a section out; an empty text does not.
typealias View = [String: Any]

/// A page, or a part of one, that is to be filled in.
///
/// Templates are the files `*.mustache` in `Assets`, built into the program. Text from a ``View`` is escaped; there are
/// no triple braces. A secret is no part of a view: where the template says `<!--secret N-->`, the Nth secret is put in.
struct Template: Sendable {
    private let parsed: Result<MustacheTemplate, any Error>

    /// - Parameter bytes: `PackageResources.NAME_mustache`.
    init(_ bytes: [UInt8]) {
        parsed = Result { try Self.parse(bytes) }
    }

    private static func parse(_ bytes: [UInt8]) throws -> MustacheTemplate {
        try MustacheTemplate(string: MarkupEscape.pragma + String(decoding: bytes, as: UTF8.self))
    }

    /// What templates include with `{{>name}}` and stand in with `{{<layout}}`.
    private static let library = Result {
        var library = MustacheLibrary()
        for (name, bytes) in Partials.all { library.register(try parse(bytes), named: name) }
        return library
    }

    /// - Throws: what is wrong with the template; the tests see to it that nothing is.
    func filled(with view: View, secrets: [WipedBytes] = []) throws -> [UInt8] {
        let text = try parsed.get().render(view, library: try Self.library.get())
        return secrets.isEmpty ? Array(text.utf8) : Self.put(secrets, into: text)
    }

    /// Nothing that was escaped can look like a mark, for it has no `<`.
    private static func put(_ secrets: [WipedBytes], into text: String) -> [UInt8] {
        var page: [UInt8] = []
        page.reserveCapacity(text.utf8.count + secrets.reduce(0) { $0 + $1.count * 6 })
        var rest = text[...]
        while let mark = rest.firstRange(of: "<!--secret ") {
            page.append(contentsOf: rest[..<mark.lowerBound].utf8)
            rest = rest[mark.upperBound...]
            guard let end = rest.firstRange(of: "-->") else { break }
            if let number = Int(rest[..<end.lowerBound]), secrets.indices.contains(number) {
                secrets[number].withBytes { MarkupEscape.append($0, to: &page) }
            }
            rest = rest[end.upperBound...]
        }
        page.append(contentsOf: rest.utf8)
        return page
    }
}
