internal import StrictYAML

/// A mapping of a provider file whose words are taken one by one; what is left at the end is unknown.
///
/// Every error names the file and a line.
struct ProviderNodes {
    let file: String
    /// The line that the mapping begins at.
    let line: Int
    private let place: String
    private var pairs: [String: (line: Int, node: YAMLNode)] = [:]

    /// - Parameters:
    ///   - place: what the mapping is, for messages.
    ///   - words: the words that it may have.
    init(_ node: YAMLNode, _ file: String, _ place: String, words: [String]) throws(ProviderFileError) {
        self.file = file
        self.place = place
        line = node.line
        guard case .mapping(let all) = node.content else {
            throw ProviderFileError(
                file: file, line: node.line, problem: "\(place) is \(node.kind)", remedy: "write a mapping, word: value"
            )
        }
        for (key, value) in all {
            guard words.contains(key.text) else {
                throw ProviderFileError(
                    file: file, line: key.line, problem: "\(YAMLText.shown(key.text)) is no word of \(place)",
                    remedy: "the words are \(words.joined(separator: ", "))")
            }
            pairs[key.text] = (key.line, value)
        }
    }

    func error(_ line: Int, _ problem: String, _ remedy: String) -> ProviderFileError {
        ProviderFileError(file: file, line: line, problem: problem, remedy: remedy)
    }

    func has(_ word: String) -> Bool { pairs[word] != nil }
    func node(_ word: String) -> YAMLNode? { pairs[word]?.node }
    func line(of word: String) -> Int { pairs[word]?.line ?? line }

    func needed(_ word: String) throws(ProviderFileError) -> YAMLNode {
        guard let node = node(word) else { throw error(line, "\(place) has no `\(word)`", "write \(word):") }
        return node
    }

    /// The text of a word, or nil where the word is not there.
    func text(_ word: String, most: Int = 1_000) throws(ProviderFileError) -> String? {
        guard let node = node(word) else { return nil }
        return try text(node, word, most: most)
    }

    func text(_ node: YAMLNode, _ word: String, most: Int = 1_000) throws(ProviderFileError) -> String {
        guard case .text(let text) = node.content, !text.isEmpty, text.utf8.count <= most else {
            throw error(node.line, "\(word) is no text of 1 to \(most) bytes", "write one text")
        }
        return text
    }

    func neededText(_ word: String, most: Int = 1_000) throws(ProviderFileError) -> String {
        try text(try needed(word), word, most: most)
    }

    func flag(_ word: String) throws(ProviderFileError) -> Bool {
        switch try text(word) {
        case nil, "false": return false
        case "true": return true
        default: throw error(line(of: word), "\(word) is neither true nor false", "write true or false")
        }
    }

    /// A whole number in `range`, or nil where the word is not there.
    func number(_ word: String, _ range: ClosedRange<Int>) throws(ProviderFileError) -> Int? {
        guard let text = try text(word) else { return nil }
        guard let number = Self.digits(text), range.contains(number) else {
            throw error(
                line(of: word), "\(word) is no number in its range",
                "write \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Milliseconds from a number and `s`, `m`, `h` or `d`, or nil where the word is not there.
    func duration(_ word: String, most: Int64) throws(ProviderFileError) -> Int64? {
        guard let text = try text(word) else { return nil }
        guard let span = SpanText.milliseconds(text), span <= most else {
            throw error(
                line(of: word), "\(word) is no time in its range", "write one such as 20s, 1 to \(most / 1_000) seconds"
            )
        }
        return span
    }

    /// A list of names of fields, each once.
    func names(_ word: String) throws(ProviderFileError) -> [String] {
        guard let node = node(word) else { return [] }
        guard case .list(let items) = node.content, (1...16).contains(items.count) else {
            throw error(node.line, "\(word) is no list of 1 to 16 names", "write a list, such as [id, value]")
        }
        var names: [String] = []
        for item in items {
            let name = try text(item, word)
            guard TemplateName.isName(name), !names.contains(name) else {
                throw error(
                    item.line, "\(YAMLText.shown(name)) is no name, or comes twice",
                    "use lower-case letters, digits and _, each name once")
            }
            names.append(name)
        }
        return names
    }

    /// A list of HTTP statuses.
    func statuses(_ word: String, _ range: ClosedRange<Int>) throws(ProviderFileError) -> [Int]? {
        guard let node = node(word) else { return nil }
        guard case .list(let items) = node.content, (1...8).contains(items.count) else {
            throw error(node.line, "\(word) is no list of statuses", "write a list, such as [\(range.lowerBound)]")
        }
        var statuses: [Int] = []
        for item in items {
            guard let status = Self.digits(try text(item, word)), range.contains(status) else {
                throw error(
                    item.line, "\(word) has a status outside its range",
                    "write statuses of \(range.lowerBound) to \(range.upperBound)")
            }
            statuses.append(status)
        }
        return statuses
    }

    /// A JSON pointer, or nil where the word is not there. The whole reply is written `/`.
    func pointer(_ word: String) throws(ProviderFileError) -> JSONPointer? {
        guard let node = node(word) else { return nil }
        return try pointer(try text(node, word), node.line)
    }

    func pointer(_ text: String, _ line: Int) throws(ProviderFileError) -> JSONPointer {
        guard let pointer = JSONPointer(parsing: text == "/" ? "" : text) else {
            throw error(line, "this is no JSON pointer", "write one such as /data/0/id, or / for the whole reply")
        }
        return pointer
    }

    /// The pairs of a mapping, in their order.
    func pairs(_ word: String) throws(ProviderFileError) -> [(key: YAMLText, value: YAMLNode)] {
        guard let node = node(word) else { return [] }
        guard case .mapping(let pairs) = node.content, (1...32).contains(pairs.count) else {
            throw error(node.line, "\(word) is no mapping of 1 to 32 words", "write word: value beneath it")
        }
        return pairs
    }

    private static func digits(_ text: some StringProtocol) -> Int? {
        guard !text.isEmpty, text.utf8.count <= 9, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text)
    }
}
