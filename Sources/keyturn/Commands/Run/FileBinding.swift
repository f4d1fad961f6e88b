internal import VaultAPI

/// `PATH[#FIELD]=TARGET`: a file of the program, and the value that it is to hold.
struct FileBinding: Equatable {
    /// Where the file is.
    enum Target: Hashable {
        /// In the folder that is made for this run.
        case inOwnFolder(String)
        /// At an absolute path, in a folder that is there already.
        case at(String)
    }

    var path: String
    var field: String
    var target: Target

    /// - Throws: a usage failure that says which rule is broken.
    init(_ text: String) throws(Failure) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw .usage("--file takes PATH=TARGET or PATH#FIELD=TARGET") }
        (path, field) = try KeyText.place(String(parts[0]))
        target = try Self.target(String(parts[1]))
    }

    /// - Throws: a usage failure where a target stands twice.
    static func parse(_ texts: [String]) throws(Failure) -> [FileBinding] {
        var bindings: [FileBinding] = []
        var targets = Set<Target>()
        for text in texts {
            let binding = try FileBinding(text)
            guard targets.insert(binding.target).inserted else { throw .usage("--file names one target twice") }
            bindings.append(binding)
        }
        return bindings
    }

    var reference: ValueReference { ValueReference(path: path, field: field) }

    private static func target(_ text: String) throws(Failure) -> Target {
        let isAbsolute = text.hasPrefix("/")
        let parts = (isAbsolute ? text.dropFirst() : text[...]).split(separator: "/", omittingEmptySubsequences: false)
        let isPlain = parts.allSatisfy { part in
            !part.isEmpty && part != "." && part != ".." && part.utf8.count <= 200
                && part.utf8.allSatisfy { $0 >= 0x20 }
        }
        guard isPlain, isAbsolute || parts.count == 1 else {
            throw .usage(
                "--file: a target is a name, for the folder in KEYTURN_FILES, or an absolute path without `.` and `..`")
        }
        return isAbsolute ? .at(text) : .inOwnFolder(text)
    }
}
