package import VaultAPI

/// The parameters of a request: each known, each at most once, each decoded once.
package struct Query: Sendable, Equatable {
    /// The most parameters of one request.
    package static let most = 16

    private var values: [String: String] = [:]

    /// - Parameter names: the parameters that the call knows.
    /// - Throws: ``Refusal``: an unknown parameter (`unknown_member`), one that is repeated or not well encoded
    ///   (`malformed`), or one with control characters (`invalid_field`). A parameter is named where its name is safe to
    ///   repeat; a value never is.
    package init(parsing raw: String?, knowing names: [String]) throws(Refusal) {
        guard let raw, !raw.isEmpty else { return }
        let pairs = raw.utf8.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
        guard pairs.count <= Self.most else { throw Refusal(.malformed, "a query has at most \(Self.most) parameters") }
        var seen: Set<String> = []
        for pair in pairs {
            guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else {
                throw Refusal(.malformed, "a query is made of name=value, joined by &")
            }
            guard let name = Self.text(pair[..<equals]) else {
                throw Refusal(.malformed, "the name of a parameter is not well encoded")
            }
            guard names.contains(name) else { throw Self.unknown(name, known: names) }
            guard !seen.contains(name) else {
                throw Refusal(.malformed, "the parameter `\(name)` may be given once", field: name)
            }
            guard let value = Self.text(pair[pair.index(after: equals)...]) else {
                throw Refusal(.malformed, "the parameter `\(name)` is not well encoded UTF-8", field: name)
            }
            guard value.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
                throw Refusal(.invalidField, "the parameter `\(name)` has control characters", field: name)
            }
            seen.insert(name)
            // What clients send that fill in a form of all parameters: nothing was chosen.
            if !value.isEmpty { values[name] = value }
        }
    }

    package subscript(_ name: String) -> String? { values[name] }

    /// A whole number in `range`, or nil where the parameter is not given.
    package func integer(_ name: String, in range: ClosedRange<Int>) throws(Refusal) -> Int? {
        guard let text = values[name] else { return nil }
        guard text.utf8.count <= 10, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(text), range.contains(number)
        else {
            throw Refusal(
                .invalidField, "`\(name)` is a whole number from \(range.lowerBound) to \(range.upperBound)",
                field: name)
        }
        return number
    }

    /// The number of `range` that is nearest to a whole number of any size, or nil where the parameter is not given.
    package func nearest(_ name: String, in range: ClosedRange<Int>) throws(Refusal) -> Int? {
        guard let text = values[name] else { return nil }
        let isNegative = text.utf8.first == UInt8(ascii: "-")
        let digits = isNegative ? text.utf8.dropFirst() : text.utf8[...]
        guard !digits.isEmpty, digits.count <= 40, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw Refusal(.invalidField, "`\(name)` is a whole number", field: name)
        }
        let number = Int(text) ?? (isNegative ? .min : .max)
        return min(max(number, range.lowerBound), range.upperBound)
    }

    /// True or false, or nil where the parameter is not given.
    package func flag(_ name: String) throws(Refusal) -> Bool? {
        switch values[name] {
        case nil: return nil
        case "true": return true
        case "false": return false
        default: throw Refusal(.invalidField, "`\(name)` is true or false", field: name)
        }
    }

    /// One of the words of `Word`, or nil where the parameter is not given.
    package func word<Word: WireWord>(_ name: String, _ type: Word.Type = Word.self) throws(Refusal) -> Word? {
        guard let text = values[name] else { return nil }
        guard let word = Word(rawValue: text) else {
            throw Refusal(.invalidField, "`\(name)` is one of \(Word.list)", field: name)
        }
        return word
    }

    private static func unknown(_ name: String, known: [String]) -> Refusal {
        let list =
            known.isEmpty
            ? "This call has no parameters." : "Known: \(known.map { "`\($0)`" }.joined(separator: ", "))."
        guard let name = WireRefusal.repeatable(name) else {
            return Refusal(.unknownMember, "A parameter is not known here. \(list)")
        }
        return Refusal(.unknownMember, "`\(name)` is not known here. \(list)", field: name)
    }

    private static func text(_ bytes: Substring.UTF8View) -> String? {
        PercentDecoding.decode(bytes).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
