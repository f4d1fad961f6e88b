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

    @Option(help: "What it is for.")
    var description: String?

    @Option(help: "Who answers for it.")
    var owner: String?

    func run() async throws {
        var request = IssueAccessKeyRequest(
            name: name, description: description, owner: owner, policies: policies,
            networks: networks.isEmpty ? nil : networks)
        switch try expires.map({ (text) throws(Failure) in try Expiry(text, option: "--expires") }) {
        case .at(let moment): request.expires = moment
        case .after(_, let text): request.lifetime = text
        case nil: break
        }
        let sent = request
        let new = try await vault.withVault(.application) { try await $0.issueAccessKey(sent) }
        try AccessKeyDetails.show(new, json: json.isOn)
    }
}
