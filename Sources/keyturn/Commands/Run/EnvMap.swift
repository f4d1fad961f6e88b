internal import SecretMemory

/// A file of bindings: a line `NAME=PATH[#FIELD]` each. Empty lines and lines that start with `#` are passed over.
enum EnvMap {
    private static let limit = 256 << 10

    /// The bindings, each with where it stands, such as `--env-file shop.map, line 3`.
    ///
    /// - Throws: a usage failure with the file, and the number of the line at fault.
    static func read(_ path: String) throws(Failure) -> [(binding: EnvBinding, source: String)] {
        let source = "--env-file \(path)"
        guard let text = try SecretFile.read(path, named: source, limit: limit).disclosedText() else {
            throw .usage("\(source): the file is not UTF-8")
        }
        return try parse(text, of: source)
    }

    static func parse(_ text: String, of source: String) throws(Failure) -> [(binding: EnvBinding, source: String)] {
        var bindings: [(binding: EnvBinding, source: String)] = []
        // By bytes: a carriage return and a line feed are one character to Swift.
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (number, line) in zip(1..., lines) {
            var bytes = line
            while let last = bytes.last, [0x0D, 0x20, 0x09].contains(last) { bytes.removeLast() }
            while let first = bytes.first, [0x20, 0x09].contains(first) { bytes.removeFirst() }
            guard let first = bytes.first, first != UInt8(ascii: "#") else { continue }
            let place = "\(source), line \(number)"
            bindings.append((try EnvBinding(String(Substring(bytes)), source: place), place))
        }
        return bindings
    }
}
