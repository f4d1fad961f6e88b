internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn access list`.
struct AccessListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the access keys, without their secrets.",
        discussion: "  keyturn access list --state active --query shop")

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Option(help: "active, expired, revoked, disabled or rolled.")
    var state: IssuedKeyState?

    @Option(help: "Words that must all be found.")
    var query: String?

    func run() async throws {
        let keys = try await vault.withVault(.application) { vault in
            try await Pages.collect(nil) { size, cursor in
                let page = try await vault.issuedKeys(
                    IssuedKeySearch(state: state, query: query), limit: size, cursor: cursor)
                return (page.keys, page.cursor)
            }
        }
        if json.isOn { return try Console.json(IssuedKeyList(keys: keys)) }
        var table = Table("ID", "NAME", "STATE", "POLICIES", "EXPIRES", "LAST USED")
        for key in keys {
            table.add(
                key.id, key.name, key.state.rawValue, key.scopes.joined(separator: ", "),
                key.expires?.description ?? "", key.lastUsed?.description ?? "")
        }
        try table.print(orNote: "no access keys")
    }
}
