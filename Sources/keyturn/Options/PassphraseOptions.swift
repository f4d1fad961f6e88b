internal import ArgumentParser
internal import SecretMemory

/// Where the passphrase that opens a slot comes from.
struct PassphraseOptions: ParsableArguments {
    @Option(
        help:
            "A file that holds the passphrase, or `-` for standard input. Else KEYTURN_PASSPHRASE_FILE; else it is asked for.",
        completion: .file())
    var passphraseFile: String?

    /// The passphrase, unchanged.
    func passphrase(asking question: String, twice: Bool = false) throws(Failure) -> SecretBytes {
        let variable = Surroundings.environment["KEYTURN_PASSPHRASE_FILE"]
        let option = passphraseFile == nil && variable != nil ? "KEYTURN_PASSPHRASE_FILE" : "--passphrase-file"
        let file = passphraseFile ?? variable
        guard file != "" else { throw .usage("\(option): names no file") }
        return try Passphrase.get(file: file, asking: question, twice: twice, option: option)
    }
}
