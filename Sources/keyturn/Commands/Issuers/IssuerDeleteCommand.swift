internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn issuer delete`.
struct IssuerDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete an issuer that has no keys which could be used.",
        discussion: """
            Keys that were revoked or have expired go with it.

              keyturn issuer delete trial
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "Its name.")
    var name: String

    func run() async throws {
        let name = try IssuerName.check(name)
        let removal = try await vault.withVault(.application) { try await $0.deleteIssuer(name) }
        if json.isOn { return try Console.json(removal) }
        try Console.out("\(Inert.line(removal.name)) is deleted")
    }
}
