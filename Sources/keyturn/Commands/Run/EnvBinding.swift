internal import VaultAPI

/// `NAME=PATH[#FIELD]`: a variable of the program, and the value that it is to have.
struct EnvBinding: Equatable {
    var name: String
    var path: String
    var field: String

    /// - Parameter source: what the text was given by, for messages.
    /// - Throws: a usage failure that begins with `source` and says which rule is broken.
    init(_ text: String, source: String = "--env") throws(Failure) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw .usage("\(source): a variable is given as NAME=PATH or NAME=PATH#FIELD") }
        name = String(parts[0])
        guard Self.isName(name) else {
            throw .usage("\(source): the name of a variable is letters, digits and _, and does not start with a digit")
        }
        guard !ChildEnvironment.withheld.contains(name) else {
            throw .usage("\(source): \(name) is taken from the program, so it cannot be given to it")
        }
        do {
            (path, field) = try KeyText.place(String(parts[1]))
        } catch {
            throw .usage("\(source): \(error.sentence)")
        }
    }

    /// The bindings, which were given by different options.
    ///
    /// - Parameter found: each with what it was given by.
    /// - Throws: a usage failure where a name stands twice, which says where, or there are more than one request holds.
    static func check(_ found: [(binding: EnvBinding, source: String)]) throws(Failure) -> [EnvBinding] {
        var sources: [String: String] = [:]
        for (binding, source) in found {
            guard let first = sources.updateValue(source, forKey: binding.name) else { continue }
            guard first != source else { throw .usage("\(source) names \(binding.name) twice") }
            throw .usage("\(source): \(binding.name) is named already, by \(first)")
        }
        guard found.count <= 256 else {
            throw .usage("--env and --env-file name \(found.count) variables, and a request holds 256")
        }
        return found.map(\.binding)
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
