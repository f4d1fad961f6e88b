internal import ArgumentParser
internal import KeyturnClient
internal import SecretMemory
internal import VaultAPI

/// `keyturn access redeem`.
struct AccessRedeemCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redeem",
        abstract: "Exchange an enrolment code for its access key, and print that or write it to a file.",
        discussion: """
            The code is read from KEYTURN_ENROLMENT_CODE, from a file or from standard input, never from the command \
            line, which others can see. It is good once: what comes of it is not shown again.

              keyturn access redeem --code-file /run/secrets/code --key-file /etc/shop/access-key
              keyturn access redeem < code
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Option(help: "The file that holds the code; - is standard input.", completion: .file())
    var codeFile: String?

    @Option(help: "Write the access key to this file, with mode 0600, instead of printing it.", completion: .file())
    var keyFile: String?

    func run() async throws {
        // Found out before the code is spent.
        let file = keyFile.map { AccessKeyFile(path: $0) }
        try file?.checkIsWritable(option: "--key-file")
        let code = try code()
        let new = try await vault.withVault(.application) { vault in
            do throws(KeyturnClientError) {
                return try await vault.exchange(code: code)
            } catch {
                throw Self.failure(error)
            }
        }
        guard let file else { return try IssuedKeyDetails.show(new, json: json.isOn) }
        try file.replace(with: new.key.bytes)
        if json.isOn { return try Console.json(new.record) }
        Console.note("id \(new.record.id), \(new.record.scopes.joined(separator: ", ")), in \(file.path)")
    }

    /// A code that is not taken has nothing to do with the access key that other commands present.
    static func failure(_ error: KeyturnClientError) -> Failure {
        var failure = Failure(error)
        guard error.code == .unauthorized else { return failure }
        failure.hints = [
            "a code is good once; whoever made it makes another with: keyturn access enrol",
            "if it was used before and not by you, tell an operator: the vault has raised an alarm",
        ]
        return failure
    }

    private func code() throws(Failure) -> SecretText {
        if codeFile == nil, let text = Surroundings.environment["KEYTURN_ENROLMENT_CODE"], !text.isEmpty {
            return SecretText(text)
        }
        let bytes = try SecretFile.read(codeFile ?? "-", named: "--code-file", limit: 1024).withoutFinalNewline()
        guard bytes.count > 0 else { throw .usage("--code-file: there is no code in it") }
        guard bytes.disclosedText() != nil else { throw .usage("--code-file: a code is text") }
        return SecretText(bytes)
    }
}
