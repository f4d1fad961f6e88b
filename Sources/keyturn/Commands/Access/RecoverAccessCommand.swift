internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn recover-access`.
struct RecoverAccessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover-access",
        abstract: "Get a new access key with the policy administrator, when the first is lost.",
        discussion: """
            Needs a passphrase and the operator's socket, together. The vault must be open. The key is printed on \
            standard output, once; revoke the lost one with it.

              keyturn recover-access
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var json: JSONOption

    @Option(help: "The slot that the passphrase opens, from 0 to 7.")
    var slot: Int?

    func run() async throws {
        try SlotNumber.check(slot)
        let reply = try await vault.withVault(.operations) { vault in
            let secret = try passphrase.passphrase(asking: "Passphrase")
            Console.progress("Deriving the key, which takes a moment by design …")
            return try await vault.recoverAccess(passphrase: secret, slot: slot)
        }
        if json.isOn { return try Console.json(reply) }
        Console.note("id \(reply.id), policy administrator; the key is not shown again")
        try ValueOutput.line(reply.key)
    }
}
