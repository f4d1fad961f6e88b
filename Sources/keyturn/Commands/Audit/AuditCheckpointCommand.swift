internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn audit checkpoint`.
struct AuditCheckpointCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint",
        abstract: "Print the head of the audit log, signed.",
        discussion: """
            Kept elsewhere, it shows later that the log still holds what it held now. The public key is needed to \
            verify it, and is the same for the life of the vault.

              keyturn audit checkpoint > checkpoint
              keyturn audit checkpoint --public-key > checkpoint.pub
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Flag(help: "Print the public key instead.")
    var publicKey = false

    func run() async throws {
        let reply = try await vault.withVault(.administration) { try await $0.auditCheckpoint() }
        if json.isOn { return try Console.json(reply) }
        let text = publicKey ? reply.publicKey : reply.checkpoint
        try Console.out(text.hasSuffix("\n") ? String(text.dropLast()) : text)
    }
}
