internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn issuer create`.
struct IssuerCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make an issuer for an API of your own.",
        discussion: """
            A key can only have scopes that its issuer lists, and a tier is a named set of limits and a quota.

              keyturn issuer create shop --prefix shop_live --lifetime 365d \\
                --scope orders:read --scope orders:write \\
                --tier "free=10/s,1000/d,quota=20000/month" --tier pro=100/s
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "Its name, which never changes.")
    var name: String

    @Option(help: "What its keys start with (default: the name, with _ for -).")
    var prefix: String?

    @OptionGroup var settings: IssuerSettings

    @Option(help: "live or test (default: live).")
    var environment: KeyEnvironment?

    @Option(help: "private, or public for keys that are embedded where anybody can read them (default: private).")
    var visibility: Visibility?

    func run() async throws {
        let tiers = try TierText.parse(settings.tiers)
        let request = CreateIssuerRequest(
            name: try IssuerName.check(name), prefix: prefix, description: settings.description,
            lifetime: settings.lifetime,
            scopes: settings.scopes.isEmpty ? nil : settings.scopes, tiers: tiers.isEmpty ? nil : tiers,
            environment: environment,
            visibility: visibility)
        let made = try await vault.withVault(.application) { try await $0.createIssuer(request) }
        if json.isOn { return try Console.json(made) }
        try IssuerDetails.of(made).print()
    }
}

extension KeyEnvironment: ExpressibleByArgument {}
