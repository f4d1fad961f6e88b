internal import Yams

/// A node of a file: text, a list or a mapping, with its line. All scalars are text here.
package struct YAMLNode: Sendable {
    package enum Content: Sendable {
        case text(String)
        /// Nothing after the colon or the dash.
        case nothing
        case list([YAMLNode])
        case mapping([(key: YAMLText, value: YAMLNode)])
    }

    package let content: Content
    /// Counted from 1.
    package let line: Int

    /// What this is, for a message.
    package var kind: String {
        switch content {
        case .text: "a text"
        case .nothing: "nothing"
        case .list: "a list"
        case .mapping: "a mapping"
        }
    }
}

/// A scalar and its line.
package struct YAMLText: Sendable {
    package let text: String
    /// Counted from 1.
    package let line: Int

    package init(text: String, line: Int) {
        self.text = text
        self.line = line
    }

    /// A word of a file as a message may show it: quoted where it is short and plain, else not at all, so that
    /// what was put there by mistake is not repeated.
    package static func shown(_ word: String) -> String {
        let plain = word.utf8.allSatisfy { byte in
            PlainYAML.startsAnchor(byte) || byte == UInt8(ascii: "*") || byte == UInt8(ascii: "/")
        }
        return plain && !word.isEmpty && word.utf8.count <= 40 ? "`\(word)`" : "this text"
    }
}

/// Why a text is not the YAML that files of ours are written in.
package struct YAMLProblem: Error {
    package let line: Int
    package let problem: String
    package let remedy: String
}

/// Reads the part of YAML 1.1 that policy and provider files use: mappings, lists and text.
///
/// Anchors, aliases, tags, keys that are no text and second documents are refused, and so is anything deeper than
/// such a file needs. What could cost much, or be read in two ways, is refused by ``PlainYAML`` before the parser
/// sees it.
package enum StrictYAML {
    /// Deeper than any such file.
    private static let deepest = 8

    /// The root of `text`, or nil where there is nothing but comments.
    package static func read(_ text: String) throws(YAMLProblem) -> YAMLNode? {
        try PlainYAML.check(text)
        let result = DeepStack.run { () -> Result<YAMLNode?, YAMLProblem> in
            do throws(YAMLProblem) {
                return .success(try parse(text))
            } catch {
                return .failure(error)
            }
        }
        guard let result else {
            throw YAMLProblem(line: 1, problem: "the system has no thread to read this on", remedy: "free some memory")
        }
        return try result.get()
    }

    private static func parse(_ text: String) throws(YAMLProblem) -> YAMLNode? {
        let parser: Parser
        let root: Node?
        do {
            // The resolver without rules leaves every scalar as text; UTF-8 keeps the environment out of it.
            parser = try Parser(yaml: text, resolver: .basic, constructor: .default, encoding: .utf8)
            root = try parser.singleRoot()
        } catch let error as YamlError {
            throw problem(error, in: text)
        } catch {
            throw YAMLProblem(line: 1, problem: "this is not YAML", remedy: "check quotes, colons and indentation")
        }
        guard let root else { return nil }
        // The parser owns the anchors that nodes point at: it must live until they have been looked for.
        return try withExtendedLifetime(parser) { () throws(YAMLProblem) in try convert(root, depth: 1) }
    }

    private static func convert(_ node: Node, depth: Int, isKey: Bool = false) throws(YAMLProblem) -> YAMLNode {
        let line = node.mark?.line ?? 1
        guard depth <= deepest else {
            throw YAMLProblem(line: line, problem: "this is nested too deep", remedy: "write fewer levels")
        }
        guard node.anchor == nil else { throw PlainYAML.anchor(line) }
        switch node {
        case .scalar(let scalar):
            try checkTag(scalar.tag, line, mayBeText: isKey || scalar.style != .plain)
            return YAMLNode(content: isNothing(scalar) ? .nothing : .text(scalar.string), line: line)
        case .sequence(let sequence):
            try checkTag(sequence.tag, line)
            var items: [YAMLNode] = []
            for item in sequence { items.append(try convert(item, depth: depth + 1)) }
            return YAMLNode(content: .list(items), line: line)
        case .mapping(let mapping):
            try checkTag(mapping.tag, line)
            var pairs: [(key: YAMLText, value: YAMLNode)] = []
            for (key, value) in mapping {
                guard case .text(let text) = try convert(key, depth: depth + 1, isKey: true).content else {
                    throw PlainYAML.complexKey(key.mark?.line ?? line)
                }
                pairs.append((YAMLText(text: text, line: key.mark?.line ?? line), try convert(value, depth: depth + 1)))
            }
            return YAMLNode(content: .mapping(pairs), line: line)
        case .alias:
            throw PlainYAML.anchor(line)
        }
    }

    /// The parser gives keys and quoted scalars the tag of text, and everything else none unless the file wrote one.
    private static func checkTag(_ tag: Tag, _ line: Int, mayBeText: Bool = false) throws(YAMLProblem) {
        guard tag.rawValue.isEmpty || (mayBeText && tag.rawValue == Tag.Name.str.rawValue) else {
            throw YAMLProblem(line: line, problem: "tags (!) are not used here", remedy: "write the plain value")
        }
    }

    private static func isNothing(_ scalar: Node.Scalar) -> Bool {
        scalar.style == .plain && (scalar.string.isEmpty || scalar.string == "~" || scalar.string == "null")
    }

    private static func problem(_ error: YamlError, in text: String) -> YAMLProblem {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            if problem.contains("another document") {
                return YAMLProblem(
                    line: mark.line, problem: "a second document begins here", remedy: "write one to a file")
            }
            if problem.contains("alias") || context?.text.contains("alias") == true {
                return YAMLProblem(
                    line: mark.line, problem: "a * here begins an alias, and aliases are not used",
                    remedy: "put patterns into double quotes")
            }
            return YAMLProblem(
                line: mark.line, problem: "this is not YAML (\(problem))",
                remedy: "check quotes, colons and indentation")
        case .duplicatedKeysInMapping(let words, let context):
            let word = words.first.map(YAMLText.shown) ?? "a word"
            return YAMLProblem(
                line: context.mark.line, problem: "\(word) appears twice in one mapping", remedy: "keep one")
        default:
            return YAMLProblem(line: 1, problem: "this is not YAML", remedy: "save the file as UTF-8 text")
        }
    }
}
