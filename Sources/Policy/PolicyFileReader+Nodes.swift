internal import StrictYAML

/// What every part of a policy file is read with.
extension PolicyFileReader {
    /// The pairs by word; unknown and empty ones are noted.
    mutating func known(
        _ pairs: [(key: YAMLText, value: YAMLNode)], _ words: [String], in place: String, line: Int
    ) -> [String: YAMLNode] {
        var fields: [String: YAMLNode] = [:]
        for (key, value) in pairs {
            guard words.contains(key.text) else {
                findings.add(
                    key.line, "\(Findings.shown(key.text)) is no word of \(place)",
                    "the words are \(words.joined(separator: ", "))")
                continue
            }
            // The parser refuses a word that comes twice; this holds even if it did not.
            if fields.updateValue(value, forKey: key.text) != nil {
                findings.add(key.line, "`\(key.text)` appears twice in one mapping", "keep one")
            }
        }
        return fields
    }

    /// A text, or nil with a note.
    mutating func readText(_ node: YAMLNode, _ word: String) -> String? {
        if case .text(let text) = node.content { return text }
        findings.add(node.line, "\(word) is \(node.kind)", "write one text")
        return nil
    }

    /// A list with something in it, or nil with a note.
    mutating func readList(_ node: YAMLNode, _ word: String) -> [YAMLNode]? {
        guard case .list(let items) = node.content else {
            findings.add(node.line, "\(word) is \(node.kind)", "write a list, such as [one, two]")
            return nil
        }
        guard !items.isEmpty else {
            findings.add(node.line, "\(word) is an empty list", "list something, or remove the line")
            return nil
        }
        return items
    }

    /// A mapping, or nil with a note.
    mutating func readMapping(
        _ node: YAMLNode, _ word: String, _ remedy: String
    ) -> [(key: YAMLText, value: YAMLNode)]? {
        if case .mapping(let pairs) = node.content { return pairs }
        findings.add(node.line, "\(word) is \(node.kind)", remedy)
        return nil
    }

    /// Words for people: 1 to `most` bytes, without control characters, newlines apart where several lines may be.
    mutating func readProse(_ node: YAMLNode, _ word: String, most: Int, oneLine: Bool) -> String? {
        guard var text = readText(node, word) else { return nil }
        while text.last == "\n" { text.removeLast() }
        guard !text.isEmpty, text.utf8.count <= most else {
            findings.add(node.line, "\(word) is \(text.utf8.count) bytes long", "write 1 to \(most)")
            return nil
        }
        let inert = text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control: scalar == "\n" && !oneLine
            case .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: false
            default: true
            }
        }
        guard inert else {
            findings.add(
                node.line, "\(word) holds control or invisible characters",
                oneLine ? "write one line of plain text" : "write plain text")
            return nil
        }
        return text
    }

    /// An action, or nil with a note.
    mutating func readAction(_ node: YAMLNode, _ word: String) -> Action? {
        guard let text = readText(node, word) else { return nil }
        if let action = Action(rawValue: text) { return action }
        findings.add(
            node.line,
            text.utf8.contains(Segment.star)
                ? "\(Findings.shown(text)) is no action, and there is no wildcard for actions"
                : "\(Findings.shown(text)) is no action",
            "the actions are \(Action.allCases.map(\.rawValue).joined(separator: ", "))")
        return nil
    }

    /// Notes that an action does not go with a kind of target.
    mutating func addMismatch(_ action: Action, with kind: TargetKind, _ line: Int, words: [TargetKind: String]) {
        let fitting = TargetKind.allCases.filter(action.applies).compactMap { words[$0] }
        let here = words[kind] ?? kind.rawValue
        findings.add(
            line, "`\(action.rawValue)` does not go with \(here)",
            "`\(action.rawValue)` goes with \(fitting.joined(separator: " or ")); "
                + "with \(here) go \(kind.actions.map(\.rawValue).joined(separator: ", "))")
    }
}
