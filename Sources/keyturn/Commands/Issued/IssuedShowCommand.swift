internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn issued show`.
struct IssuedShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show everything about an issued key but its secret: what it has left and how it was used, too.",
        discussion: """
            `--by hour` counts the last 24 hours instead of the last 30 days; `keyturn usage --issued-key ID` looks \
            further back.

              keyturn issued show shop 4fT0bX2kQ9aZ
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption
    @OptionGroup var key: IssuedKeyOptions

    @Option(help: "hour or day; day unless said.")
    var by: UsageStep = .day

    func run() async throws {
        let (issuer, id) = try key.check()
        let key = try await vault.withVault(.application) { try await $0.issuedKey(id, of: issuer) }
        if json.isOn { return try Console.json(key) }
        try IssuedKeyDetails.show(key, by: by)
    }
}
