internal import SecretMemory
internal import VaultAPI

/// Where a passphrase or recovery code comes from.
enum Passphrase {
    /// The most bytes that the server takes.
    static let limit = 4096

    /// The contents of `file` (`-` for standard input) as they are, since the server takes the final newline away; or
    /// what is typed at the terminal.
    ///
    /// - Parameters:
    ///   - twice: at a terminal it is asked for again, and both must be the same.
    ///   - option: the option that would name a file.
    static func get(
        file: String?, asking question: String, twice: Bool = false, option: String = "--passphrase-file"
    ) throws(Failure) -> SecretBytes {
        if let file { return try read(file, named: option) }
        let terminal = try Terminal.required(
            orGive: "give the passphrase with \(option) FILE, or `-` for standard input")
        let first = try terminal.askSecret("\(question): ")
        guard twice else { return first }
        let second = try terminal.askSecret("\(question), once more: ")
        guard first.isEqual(to: second) else { throw .usage("the two are not the same; nothing was done") }
        return first
    }

    private static func read(_ file: String, named option: String) throws(Failure) -> SecretBytes {
        let contents = try SecretFile.read(file, named: option, limit: limit)
        guard contents.withoutFinalNewline().count > 0 else { throw .usage("\(option): there is no passphrase in it") }
        do {
            return try contents.withBytes { (span) throws(SecretMemoryError) in try SecretBytes(copying: span) }
        } catch {
            throw Failure(.failed, "\(error)")
        }
    }
}
