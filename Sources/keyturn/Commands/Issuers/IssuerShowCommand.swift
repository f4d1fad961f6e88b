internal import ArgumentParser
internal import KeyturnClient

/// `keyturn issuer show`.
struct IssuerShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show an issuer with its scopes and tiers.",
        discussion: "  keyturn issuer show shop")

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "Its name.")
    var name: String

    func run() async throws {
        let name = try IssuerName.check(name)
        let issuer = try await vault.withVault(.application) { try await $0.issuer(name) }
        if json.isOn { return try Console.json(issuer) }
        try IssuerDetails.of(issuer).print()
    }
}
