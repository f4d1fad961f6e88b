internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn delete`.
struct DeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Put a key in the trash, from where it can be restored for a while.",
        discussion: """
            It is no longer served. Until when it can be restored is printed.

              keyturn delete payments/old
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "Where the key is.")
    var path: String

    func run() async throws {
        let path = try KeyText.path(path)
        let reply = try await vault.withVault(.application) { try await $0.delete(path) }
        if json.isOn { return try Console.json(reply) }
        try Console.out("\(Inert.line(reply.path)) is in the trash until \(reply.purgeAfter)")
    }
}
