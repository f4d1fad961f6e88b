internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn list`.
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the keys that this caller may list.",
        discussion: """
            Words are looked for in path, name, description, provider, tags and the displayable start of the value.

              keyturn list payments
              keyturn list --query "stripe live" --tag billing --json
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "Only keys below this path.")
    var prefix: String?

    @Option(help: "Words that must all be found.")
    var query: String?

    @Option(help: "Only keys with this tag.")
    var tag: String?

    @Option(help: "Only keys of this provider.")
    var provider: String?

    @Option(help: "active, expired, trashed or all.")
    var state: KeyStateFilter?

    @Option(help: "At most so many; all of them unless said.")
    var limit: Int?

    func run() async throws {
        guard limit.map({ $0 > 0 }) ?? true else { throw Failure.usage("--limit takes a number from 1") }
        let search = KeySearch(prefix: prefix, query: query, tag: tag, provider: provider, state: state)
        let keys = try await vault.withVault(.application) { vault in
            try await Pages.collect(limit) { size, cursor in
                let page = try await vault.keys(search, limit: size, cursor: cursor)
                return (page.keys, page.cursor)
            }
        }
        if json.isOn { return try Console.json(KeyList(keys: keys)) }
        var table = Table("PATH", "VERSION", "STATE", "UPDATED", "EXPIRES", "NAME")
        for key in keys {
            table.add(
                key.path, "\(key.current)", key.state.rawValue, key.updated.description,
                key.expires?.description ?? "", key.name)
        }
        try table.print(orNote: "no keys")
    }
}
