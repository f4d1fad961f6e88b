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

    @Option(help: "What its keys are for.")
    var description: String?

    @Option(help: "How long its keys live unless said otherwise, such as 90d.")
    var lifetime: String?

    @Option(name: .customLong("scope"), help: "A scope that its keys can have. May be repeated.")
    var scopes: [String] = []

    @Option(
        name: .customLong("tier"),
        help: "A tier: NAME=LIMITS, such as free=10/s,1000/d,quota=20000/month. May be repeated.")
    var tiers: [String] = []

    @Option(help: "live or test (default: live).")
    var environment: KeyEnvironment?

    @Option(help: "private, or public for keys that are embedded where anybody can read them (default: private).")
    var visibility: Visibility?

    func run() async throws {
        let tiers = try TierText.parse(tiers)
        let request = CreateIssuerRequest(
            name: try IssuerName.check(name), prefix: prefix, description: description, lifetime: lifetime,
            scopes: scopes.isEmpty ? nil : scopes, tiers: tiers.isEmpty ? nil : tiers, environment: environment,
            visibility: visibility)
        let made = try await vault.withVault(.application) { try await $0.createIssuer(request) }
        if json.isOn { return try Console.json(made) }
        try IssuerDetails.of(made).print()
    }
}

extension KeyEnvironment: ExpressibleByArgument {}
