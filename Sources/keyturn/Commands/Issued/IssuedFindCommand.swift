internal import ArgumentParser
internal import KeyturnClient
internal import SecretMemory
internal import VaultAPI

/// `keyturn issued find`.
struct IssuedFindCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "find",
        abstract: "Find the key that turned up where it should not be, and perhaps revoke it.",
        discussion: """
            Takes the whole key, or its start: the prefix, `_` and four or more characters. A whole key is not for the \
            command line, where the shell's history and other users see it: leave it out and you are asked, or give \
            `-` and send it on standard input.

              keyturn issued find - --revoke < leaked
              keyturn issued find shop_4fT0
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "The start of the key, or `-` for standard input. Left out: you are asked.")
    var key: String?

    @Flag(help: "Revoke what is found, if it is one key.")
    var revoke = false

    func run() async throws {
        let text = try PresentedKey.read(key, asking: "Key: ")
        let (found, revoked) = try await vault.withVault(.application) { vault in
            var found = try await vault.findIssuedKeys(text)
            guard revoke, found.keys.count == 1 else { return (found, false) }
            let key = found.keys[0]
            found.keys = [try await vault.changeIssuedKey(key.id, of: key.issuer, .revoke)]
            return (found, true)
        }
        if json.isOn { try Console.json(found) } else { try IssuedKeyDetails.table(found.keys, withIssuer: true) }
        guard !found.keys.isEmpty else { throw QuietExit(code: .notFound) }
        if revoke, !revoked { throw Failure(.failed, "more than one key was found; nothing was revoked") }
    }
}

/// A key that somebody presented, from the command line or a better place.
enum PresentedKey {
    /// The most bytes of one.
    private static let limit = 4096

    /// - Parameter argument: nil: asked for at a terminal, else read from standard input; `-`: standard input.
    static func read(_ argument: String?, asking question: String) throws(Failure) -> SecretText {
        if let argument, argument != "-" { return SecretText(argument) }
        if argument == nil, Console.inputIsTerminal {
            let terminal = try Terminal.required(orGive: "send the key on standard input")
            return SecretText(try terminal.askSecret(question).withBytes { WipedBytes(copying: $0) })
        }
        let text = try SecretFile.read("-", named: "standard input", limit: limit).withoutFinalNewline()
        guard text.count > 0 else { throw .usage("standard input: there is no key") }
        return SecretText(text)
    }
}
