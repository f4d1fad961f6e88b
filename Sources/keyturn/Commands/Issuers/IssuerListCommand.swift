internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn issuer list`.
struct IssuerListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the issuers that this caller may know of.",
        discussion: "  keyturn issuer list --json")

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    func run() async throws {
        let issuers = try await vault.withVault(.application) { vault in
            try await Pages.collect(nil) { size, cursor in
                let page = try await vault.issuers(limit: size, cursor: cursor)
                return (page.issuers, page.cursor)
            }
        }
        if json.isOn { return try Console.json(IssuerList(issuers: issuers)) }
        var table = Table("ISSUER", "PREFIX", "ENVIRONMENT", "VISIBILITY", "KEYS", "DESCRIPTION")
        for issuer in issuers {
            table.add(
                issuer.name, issuer.prefix, issuer.environment.rawValue, issuer.visibility.rawValue, "\(issuer.keys)",
                issuer.description)
        }
        try table.print(orNote: "no issuers")
    }
}
