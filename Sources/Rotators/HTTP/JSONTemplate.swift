/// A request's JSON body with names in it, each in a string or in place of a value.
///
/// That the result is JSON whatever the values are is checked once, when the file is read.
struct JSONTemplate: Sendable {
    private let pieces: [(template: Template, context: TemplateContext)]

    var names: [TemplateName] { pieces.flatMap(\.template.names) }
    /// The names that stand in place of a value.
    var valueNames: [TemplateName] { pieces.filter { $0.context == .jsonValue }.flatMap(\.template.names) }

    enum Problem: Error {
        case template(Template.Problem)
        case notJSON
    }

    init(parsing text: String) throws(Problem) {
        let whole: Template
        do throws(Template.Problem) { whole = try Template(parsing: text) } catch { throw .template(error) }
        var pieces: [(template: Template, context: TemplateContext)] = []
        var inString = false
        var escaped = false
        for part in whole.parts {
            pieces.append((Template(parts: [part]), inString ? .jsonString : .jsonValue))
            guard case .text(let plain) = part else {
                guard !escaped else { throw .notJSON }
                continue
            }
            for byte in plain.utf8 {
                if escaped {
                    escaped = false
                } else if inString, byte == UInt8(ascii: "\\") {
                    escaped = true
                } else if byte == UInt8(ascii: "\"") {
                    inString.toggle()
                }
            }
        }
        self.pieces = pieces
        var sample = ""
        for piece in pieces {
            for part in piece.template.parts {
                switch part {
                case .text(let plain): sample += plain
                case .name: sample += piece.context == .jsonString ? "x" : "null"
                }
            }
        }
        guard ReplyJSON.read(Array(sample.utf8)) != nil else { throw .notJSON }
    }

    func render(_ values: TemplateValues) throws(RenderProblem) -> [UInt8] {
        var result = ""
        for (template, context) in pieces { result += try template.render(context, values) }
        return Array(result.utf8)
    }
}

extension Template {
    init(parts: [Part]) { self.parts = parts }
}
