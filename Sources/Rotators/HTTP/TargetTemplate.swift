/// The path and query of a request: fixed text with names in it. The path's shape cannot be changed by a value.
struct TargetTemplate: Sendable {
    private struct Piece: Sendable {
        let template: Template
        let context: TemplateContext
        /// What stands before it: `/`, or `?`, `&` and `=` of a query.
        let lead: String
    }

    private let pieces: [Piece]

    var names: [TemplateName] { pieces.flatMap(\.template.names) }

    enum Problem: Error {
        case template(Template.Problem)
        /// Says what would be right.
        case shape(String)
    }

    /// - Parameter text: such as `/v1/keys/{{retired.handle}}?force=true`.
    init(parsing text: String) throws(Problem) {
        guard text.hasPrefix("/"), !text.hasPrefix("//") else {
            throw .shape("begin with one /: the host is fixed by `host:`")
        }
        guard text.utf8.count <= 1_000 else { throw .shape("write at most 1,000 bytes") }
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var pieces: [Piece] = []
        for segment in parts[0].dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard segment != ".", segment != ".." else { throw .shape("write no . or .. segments") }
            pieces.append(Piece(template: try Self.template(String(segment), isPath: true), context: .path, lead: "/"))
        }
        if parts.count == 2 {
            for (offset, pair) in parts[1].split(separator: "&", omittingEmptySubsequences: false).enumerated() {
                let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                let name = try Self.template(String(sides[0]), isPath: false)
                guard name.isPlain, !sides[0].isEmpty else { throw .shape("write name=value in the query") }
                pieces.append(Piece(template: name, context: .query, lead: offset == 0 ? "?" : "&"))
                guard sides.count == 2 else { continue }
                let value = try Self.template(String(sides[1]), isPath: false)
                pieces.append(Piece(template: value, context: .query, lead: "="))
            }
        }
        self.pieces = pieces
    }

    private static func template(_ text: String, isPath: Bool) throws(Problem) -> Template {
        let template: Template
        do throws(Template.Problem) { template = try Template(parsing: text) } catch { throw .template(error) }
        for case .text(let plain) in template.parts where !plain.utf8.allSatisfy(isFit) {
            throw .shape("percent-encode what is no letter, digit or one of -._~:@!$'()*,;+%")
        }
        return template
    }

    /// What may stand in a path or query as it is (RFC 3986), the separators apart.
    private static func isFit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~:@!$'()*,;+%[]".utf8.contains(byte)
        }
    }

    func render(_ values: TemplateValues) throws(RenderProblem) -> String {
        var result = ""
        for piece in pieces {
            let text = try piece.template.render(piece.context, values)
            if piece.context == .path, text == "." || text == "..", let name = piece.template.names.first {
                throw .unfit(name)
            }
            result += piece.lead + text
        }
        return result
    }
}
