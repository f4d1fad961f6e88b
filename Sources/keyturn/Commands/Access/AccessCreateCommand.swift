internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn access create`.
struct AccessCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make an access key and print it, once.",
        discussion: """
            The key alone is on standard output; its id and policies are on standard error, or all of it in --json.

              KEYTURN_ACCESS_KEY=$(keyturn access create shop --policy shop --network 10.0.0.0/8)
              keyturn access create shop --policy shop --limit 10/s
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "A name for people.")
    var name: String

    @Option(name: .customLong("policy"), help: "A policy that it holds. May be repeated; at least one.")
    var policies: [String]

    @Option(help: "When it stops being accepted: a time (2027-01-31T12:00:00Z), or how long from now (90d).")
    var expires: String?

    @Option(name: .customLong("network"), help: "Accept it only from here, such as 10.0.0.0/8. May be repeated.")
    var networks: [String] = []

    @Option(
        name: .customLong("limit"),
        help: "How many requests it may make, such as 10/s or 10000/d. May be repeated.")
    var limits: [String] = []

    @Option(help: "What it is for.")
    var description: String?

    @Option(help: "Who answers for it.")
    var owner: String?

    func run() async throws {
        var request = IssueKeyRequest(
            name: name, description: description, owner: owner, policies: policies,
            networks: networks.isEmpty ? nil : networks, limits: limits.isEmpty ? nil : limits)
        try request.end(expires)
        let sent = request
        let new = try await vault.withVault(.application) { try await $0.issueKey(sent) }
        try IssuedKeyDetails.show(new, json: json.isOn)
    }
}
