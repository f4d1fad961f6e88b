/// A path with parameters, such as `/v1/keys/{path}:restore`.
struct PathTemplate: Sendable {
    /// A path taken apart: its segments, and the verb after the last.
    struct Parts: Sendable {
        var segments: [Substring]
        var verb: Substring?

        init(_ path: String) {
            segments = path.split(separator: "/")
            if let last = segments.last, let colon = last.lastIndex(of: ":") {
                verb = last[last.index(after: colon)...]
                segments[segments.count - 1] = last[..<colon]
            }
        }

        /// What the call is about: the segment after the API's version.
        var subject: Substring { segments.count > 1 ? segments[1] : "" }
    }

    private enum Piece: Sendable {
        case literal(Substring)
        case one(String)
        /// One or more, to the end.
        case rest(String)
    }

    private let pieces: [Piece]
    private let verb: Substring?
    let subject: Substring

    init(_ template: String) {
        let parts = Parts(template)
        pieces = parts.segments.map { segment in
            guard segment.hasPrefix("{"), segment.hasSuffix("}") else { return .literal(segment) }
            let name = String(segment.dropFirst().dropLast())
            return name == "path" ? .rest(name) : .one(name)
        }
        verb = parts.verb
        subject = parts.subject
    }

    /// What stands in the braces, or nil where `parts` is another path.
    func match(_ parts: Parts) -> [String: String]? {
        guard parts.verb == verb else { return nil }
        var parameters: [String: String] = [:]
        var rest = parts.segments[...]
        for piece in pieces {
            guard let segment = rest.first else { return nil }
            switch piece {
            case .literal(let text):
                guard segment == text else { return nil }
                rest.removeFirst()
            case .one(let name):
                parameters[name] = String(segment)
                rest.removeFirst()
            case .rest(let name):
                parameters[name] = rest.joined(separator: "/")
                rest = []
            }
        }
        return rest.isEmpty ? parameters : nil
    }
}
