internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn issue`.
struct IssueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue",
        abstract: "Issue an API key to a customer and print it, once.",
        discussion: """
            The key alone is on standard output; its id is on standard error, or all of it in --json. What it may do is \
            fixed when it is made: to change that, issue another.

              keyturn issue shop "Acme Ltd" --owner acme --scope orders:read --tier free
              keyturn issue shop importer --limit 10/s --limit 10000/d --network 192.0.2.0/24 --expires 90d
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "The issuer.")
    var issuer: String

    @Argument(help: "A name for people.")
    var name: String

    @Option(help: "Who answers for it, such as the customer.")
    var owner: String?

    @Option(help: "What it is for.")
    var description: String?

    @Option(name: .customLong("scope"), help: "What it may be used for. May be repeated.")
    var scopes: [String] = []

    @Option(help: "A tier of the issuer, for limits and quota.")
    var tier: String?

    @OptionGroup var allowance: AllowanceOptions

    @Option(name: .customLong("network"), help: "Accept it only from here, such as 10.0.0.0/8. May be repeated.")
    var networks: [String] = []

    @Option(help: "When it ends: a time (2027-01-31T12:00:00Z), how long from now (90d), or never.")
    var expires: String?

    @Option(
        name: .customLong("meta"),
        help: "Something to tell whoever verifies the key, as NAME=VALUE; no secrets. May be repeated.")
    var metadata: [String] = []

    func run() async throws {
        let issuer = try IssuerName.check(issuer)
        let quota = try allowance.parsedQuota()
        var request = IssueKeyRequest(
            name: name, description: description, owner: owner, scopes: scopes.isEmpty ? nil : scopes,
            networks: networks.isEmpty ? nil : networks, limits: allowance.limits.isEmpty ? nil : allowance.limits,
            quota: quota?.uses, quotaRefill: quota?.refill, tier: tier, metadata: try MetadataPair.parse(metadata))
        try request.end(expires)
        let sent = request
        let new = try await vault.withVault(.application) { try await $0.issueKey(sent, by: issuer) }
        try IssuedKeyDetails.show(new, json: json.isOn)
    }
}

/// How often a key may be used.
struct AllowanceOptions: ParsableArguments {
    @Option(name: .customLong("limit"), help: "How often it may be used, such as 10/s or 10000/d. May be repeated.")
    var limits: [String] = []

    @Option(help: "How often in all, or in each month: 1000 or 1000/month.")
    var quota: String?

    func parsedQuota() throws(Failure) -> (uses: Int, refill: QuotaRefill)? {
        guard let quota else { return nil }
        return try QuotaText.parse(quota, option: "--quota")
    }
}

extension IssueKeyRequest {
    /// Says when the key ends, as `--expires` has it.
    mutating func end(_ text: String?) throws(Failure) {
        guard let text else { return }
        guard text != "never" else {
            lifetime = text
            return
        }
        switch try Expiry(text, option: "--expires") {
        case .at(let moment): expires = moment
        case .after(_, let text): lifetime = text
        }
    }
}

/// `NAME=VALUE`, for the metadata of a key.
enum MetadataPair {
    static func parse(_ texts: [String]) throws(Failure) -> [String: String]? {
        var pairs: [String: String] = [:]
        for text in texts {
            guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
                throw .usage("--meta takes a name and a value, such as plan=gold")
            }
            let name = String(text[..<equals])
            guard pairs[name] == nil else { throw .usage("--meta gives one name twice") }
            pairs[name] = String(text[text.index(after: equals)...])
        }
        return pairs.isEmpty ? nil : pairs
    }
}
