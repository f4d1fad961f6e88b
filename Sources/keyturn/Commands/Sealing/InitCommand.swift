internal import ArgumentParser
internal import KeyturnClient
internal import SecretMemory
internal import VaultAPI

/// `keyturn init`.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make the vault: choose a passphrase, get the recovery code and the first access key.",
        discussion: """
            Asks twice for a passphrase, shows the recovery code, and asks for it to be typed back: nothing is stored \
            before. Then the vault is stored and open, and the first access key is shown. Both are shown once. The \
            recovery code opens the vault when every passphrase is lost: keep it on paper, away from the machine.

              keyturn init
              keyturn init --passphrase-file pass.txt --accept-recovery-code --json
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var costs: CostOptions
    @OptionGroup var json: JSONOption

    @Flag(help: "Do not ask for the recovery code to be typed back. Needed where there is no terminal.")
    var acceptRecoveryCode = false

    @Option(
        help: "The file `init-token` of the data folder, where this is not the operator's socket.", completion: .file())
    var initTokenFile: String?

    func run() async throws {
        if !acceptRecoveryCode {
            _ = try Terminal.required(orGive: "typing the recovery code back needs one; or give --accept-recovery-code")
        }
        let token = try initToken()
        try await vault.withVault(.operations) { vault in
            let state = try await vault.status().state
            guard state == .uninitialized else { throw Failure(.failed, "the vault is initialised already") }
            let secret = try passphrase.passphrase(asking: "New passphrase", twice: true)
            Console.progress("Deriving the key, which takes a moment by design …")
            let reply = try await vault.initialize(
                passphrase: secret, acceptingRecoveryCode: acceptRecoveryCode, cost: costs.cost, token: token)
            try show(reply, accessKey: try await confirmed(reply, vault))
        }
    }

    private func initToken() throws(Failure) -> String? {
        guard let initTokenFile else { return nil }
        let contents = try SecretFile.read(initTokenFile, named: "--init-token-file", limit: 1024).withoutFinalNewline()
        let isPlain = contents.withBytes { span in
            (0..<span.byteCount).allSatisfy { (0x21...0x7E).contains(span.byte($0)) }
        }
        guard isPlain, contents.count > 0, let token = contents.disclosedText() else {
            throw .usage("--init-token-file: that is not what `init-token` holds")
        }
        return token
    }

    /// Has the recovery code typed back, where it was not accepted beforehand.
    private func confirmed(_ reply: InitializeReply, _ vault: KeyturnVault) async throws -> SecretText {
        if let key = reply.accessKey { return key }
        guard let ceremony = reply.ceremony, let code = reply.recoveryCode.bytes.disclosedText() else {
            throw Failure(.failed, "the server's reply holds neither an access key nor a ceremony")
        }
        let terminal = try Terminal.required(orGive: "give --accept-recovery-code")
        terminal.show("\nRecovery code, shown once. Write it down and keep it away from this machine:\n\n")
        terminal.show("    \(Inert.line(code))\n\n")
        for _ in 0..<3 {
            let typed = try terminal.askSecret("Type it back: ")
            Console.progress("Storing the vault …")
            let failure: KeyturnClientError
            do {
                return try await vault.confirm(ceremony: ceremony, recoveryCode: typed).accessKey
            } catch {
                failure = error
            }
            guard failure.problem?.problemCode == .wrongPassphrase else { throw failure }
            Console.note("That is not the recovery code.")
        }
        throw Failure(.failed, "the recovery code was not typed back; nothing was stored")
    }

    private func show(_ reply: InitializeReply, accessKey: SecretText) throws {
        if json.isOn {
            return try Console.json(InitializeReply(recoveryCode: reply.recoveryCode, accessKey: accessKey))
        }
        if let code = reply.recoveryCode.bytes.disclosedText(), acceptRecoveryCode {
            try Console.out("Recovery code: \(Inert.line(code))")
        }
        if let key = accessKey.bytes.disclosedText() { try Console.out("Access key:    \(Inert.line(key))") }
        Console.note("The vault is initialised and unsealed. Neither is shown again; the access key may do everything.")
    }
}
