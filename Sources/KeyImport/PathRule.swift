/// How the names of a file become paths of keys.
package struct PathRule: Sendable, Equatable {
    /// What is put in front of every path that the rule makes, without a slash at its end, or nil.
    package let prefix: String?
    /// Names whose paths were given; neither the rule nor the prefix touches those.
    package let mappings: [String: String]

    /// - Parameters:
    ///   - prefix: a path; one slash at its end is allowed, since people type it.
    ///   - mappings: each `NAME=PATH`.
    /// - Throws: ``PathRuleError``.
    package init(prefix: String? = nil, mappings: [String] = []) throws(PathRuleError) {
        let bare = prefix.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        if let bare, !NameGrammar.isPath(bare) { throw .malformedPrefix }
        var paths: [String: String] = [:]
        for (offset, mapping) in mappings.enumerated() {
            let parts = mapping.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, NameGrammar.isPath(String(parts[0])), NameGrammar.isPath(String(parts[1])) else {
                throw .malformedMapping(number: offset + 1)
            }
            guard paths.updateValue(String(parts[1]), forKey: String(parts[0])) == nil else {
                throw .mappedTwice(name: String(parts[0]))
            }
        }
        self.prefix = bare
        self.mappings = paths
    }

    /// The rule as a sentence for people.
    package var sentence: String {
        var sentence =
            "Names become paths: lower case, one `-` for every run of `_`, `.` and `-`, none at either end"
        if let prefix { sentence += "; `\(prefix)/` goes before each" }
        switch mappings.count {
        case 0: break
        case 1: sentence += "; one name has a path of its own"
        default: sentence += "; \(mappings.count) names have paths of their own"
        }
        return sentence + "."
    }

    /// The path of `name`.
    ///
    /// By itself the rule gives a valid path of up to 255 bytes for every name that the readers let through, or none.
    ///
    /// - Throws: ``ImportPlanProblem``: nothing of the name is left, or the prefix makes the path too long.
    package func path(of name: String) throws(ImportPlanProblem) -> String {
        if let mapped = mappings[name] { return mapped }
        let segments = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let paths = segments.map { Self.lowered($0) }
        guard !paths.contains("") else { throw .noPath(name: name) }
        let path = ((prefix.map { [$0] } ?? []) + paths).joined(separator: "/")
        guard NameGrammar.isPath(path) else { throw .pathTooLong(name: name) }
        return path
    }

    private static func lowered(_ segment: Substring.UTF8View) -> String {
        var bytes: [UInt8] = []
        for byte in segment {
            switch byte {
            case UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                if let last = bytes.last, last != UInt8(ascii: "-") { bytes.append(UInt8(ascii: "-")) }
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): bytes.append(byte | 0x20)
            default: bytes.append(byte)
            }
        }
        if bytes.last == UInt8(ascii: "-") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// What is wrong with `--prefix` or `--map`.
package enum PathRuleError: Error, Equatable, Sendable, CustomStringConvertible {
    case malformedPrefix
    /// Counted from 1.
    case malformedMapping(number: Int)
    case mappedTwice(name: String)

    package var description: String {
        switch self {
        case .malformedPrefix: "a prefix is a path such as `shop` or `shop/production`; \(Self.pathGrammar)"
        case .malformedMapping(let number): "mapping \(number) does not read NAME=PATH; \(Self.pathGrammar)"
        case .mappedTwice(let name): "\(name) is mapped to more than one path"
        }
    }

    private static let pathGrammar =
        "a path is segments of [A-Za-z0-9_-][A-Za-z0-9._-]* joined by `/`, at most \(NameGrammar.maximumLength) "
        + "characters and \(NameGrammar.maximumSegments) segments"
}
