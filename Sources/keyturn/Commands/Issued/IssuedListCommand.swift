internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn issued list`.
struct IssuedListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the keys of an issuer, without their secrets.",
        discussion: """
            All that is given must hold.

              keyturn issued list shop --owner acme --state active
              keyturn issued list shop --expiring 30d
              keyturn issued list shop --unused 90d
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "The issuer.")
    var issuer: String

    @Option(help: "active, expired, revoked, disabled or rolled.")
    var state: IssuedKeyState?

    @Option(help: "Words that must all be found in id, name, description or owner.")
    var query: String?

    @Option(help: "Keys with this name.")
    var name: String?

    @Option(help: "Keys of this owner.")
    var owner: String?

    @Option(help: "Keys whose id, or shown start, begins with this.")
    var prefix: String?

    @Option(help: "Keys that end within so long, such as 30d.")
    var expiring: String?

    @Option(help: "Keys that have not been used for so long, such as 90d.")
    var unused: String?

    @Option(help: "At most so many; all of them unless said.")
    var limit: Int?

    func run() async throws {
        guard limit.map({ $0 > 0 }) ?? true else { throw Failure.usage("--limit takes a number from 1") }
        let issuer = try IssuerName.check(issuer)
        let search = IssuedKeySearch(
            state: state, query: query, name: name, owner: owner, prefix: prefix, expiring: expiring, unused: unused)
        let keys = try await vault.withVault(.application) { vault in
            try await Pages.collect(limit) { size, cursor in
                let page = try await vault.issuedKeys(of: issuer, search, limit: size, cursor: cursor)
                return (page.keys, page.cursor)
            }
        }
        if json.isOn { return try Console.json(IssuedKeyList(keys: keys)) }
        try IssuedKeyDetails.table(keys)
    }
}
