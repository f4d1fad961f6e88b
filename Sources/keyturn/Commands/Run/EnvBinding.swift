internal import VaultAPI

/// `NAME=PATH[#FIELD]`: a variable of the program, and the value that it is to have.
struct EnvBinding: Equatable {
    var name: String
    var path: String
    var field: String

    /// - Parameter source: what the text was given by, for messages.
    /// - Throws: a usage failure that says which rule is broken.
    init(_ text: String, source: String = "--env") throws(Failure) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw .usage("\(source) takes NAME=PATH or NAME=PATH#FIELD") }
        name = String(parts[0])
        guard Self.isName(name) else {
            throw .usage("\(source): the name of a variable is letters, digits and _, and does not start with a digit")
        }
        guard !ChildEnvironment.withheld.contains(name) else {
            throw .usage("\(source): \(name) is taken from the program, so it cannot be given to it")
        }
        (path, field) = try KeyText.place(String(parts[1]))
    }

    /// - Throws: a usage failure where a name stands twice, or there are more than one request holds.
    static func parse(_ texts: [String]) throws(Failure) -> [EnvBinding] {
        var bindings: [EnvBinding] = []
        for text in texts { bindings.append(try EnvBinding(text)) }
        try check(bindings)
        return bindings
    }

    /// - Throws: a usage failure where a name stands twice, or there are more than one request holds.
    static func check(_ bindings: [EnvBinding]) throws(Failure) {
        var names = Set<String>()
        for binding in bindings where !names.insert(binding.name).inserted {
            throw .usage("--env names \(binding.name) twice")
        }
        guard bindings.count <= 256 else { throw .usage("--env may be given 256 times") }
    }

    var reference: ValueReference { ValueReference(path: path, field: field) }

    /// Whether a variable may have the name: `[A-Za-z_][A-Za-z0-9_]*`.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}
