internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn whoami`.
struct WhoAmICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "whoami",
        abstract: "Say who the vault takes this caller for, and which policies apply.",
        discussion: """
            An access key comes before the Unix user of a socket.

              KEYTURN_ADDRESS=unix:/run/keyturn/apps.sock keyturn whoami
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    func run() async throws {
        let reply = try await vault.withVault(.application) { try await $0.whoAmI() }
        if json.isOn { return try Console.json(reply) }
        var details = Details()
        details.add("caller", reply.kind.rawValue)
        details.add("name", reply.name)
        details.add("id", reply.id)
        details.add("policies", reply.policies.isEmpty ? "none" : reply.policies.joined(separator: ", "))
        try details.print()
    }
}
