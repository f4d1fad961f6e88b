/// A place in a JSON value (RFC 6901): empty for the whole, else `/name/0/name`, with `~1` for `/` and `~0` for `~`.
struct JSONPointer: Hashable, Sendable {
    private let steps: [String]

    /// - Returns: nil where the text is no pointer.
    init?(parsing text: String) {
        guard !text.isEmpty else {
            steps = []
            return
        }
        guard text.hasPrefix("/"), text.utf8.count <= 200 else { return nil }
        var steps: [String] = []
        for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            var step = ""
            var escaped = false
            for character in part {
                if escaped {
                    guard character == "0" || character == "1" else { return nil }
                    step.append(character == "0" ? "~" : "/")
                    escaped = false
                } else if character == "~" {
                    escaped = true
                } else {
                    step.append(character)
                }
            }
            guard !escaped else { return nil }
            steps.append(step)
        }
        self.steps = steps
    }

    /// What is at this place of `value`, or nil.
    func value(in value: ReplyJSON) -> ReplyJSON? {
        var here = value
        for step in steps {
            switch here {
            case .object(let members):
                guard let member = members.first(where: { $0.name == step }) else { return nil }
                here = member.value
            case .array(let items):
                guard let index = Self.index(step), index < items.count else { return nil }
                here = items[index]
            case .string, .number, .bool, .null: return nil
            }
        }
        return here
    }

    /// Digits without leading zeros.
    private static func index(_ step: String) -> Int? {
        guard step.utf8.allSatisfy({ (48...57).contains($0) }), step == "0" || !step.hasPrefix("0") else { return nil }
        return Int(step)
    }
}
