internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn status`.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say whether the vault is uninitialized, sealed or unsealed.",
        discussion: """
            Open to all, and done (exit code 0) whatever the state is, as long as a server answers.

              test "$(keyturn status)" = unsealed
              keyturn status --json
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    func run() async throws {
        let reply = try await vault.withVault(.application) { try await $0.status() }
        if json.isOn { return try Console.json(reply) }
        try Console.out(reply.state.rawValue)
        if reply.readOnly == true { Console.note("unsealed with damage accepted, for reading only") }
    }
}
