internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn verify`.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check an issued API key as the API that it is for would.",
        discussion: """
            Ends with 0 where the key may be used, and with 4 where it may not; the first line says why. It counts as a \
            use, unless --cost 0 is given. Other users of this machine and the shell's history see a key that is an \
            argument: leave it out and you are asked, or give `-` and send it on standard input.

              keyturn verify - --scope orders:read --network 192.0.2.7 < key
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "The key, better given as `-` for standard input. Left out: you are asked.")
    var key: String?

    @Option(help: "The issuer whose key it has to be (default: any that this caller may verify).")
    var issuer: String?

    @Option(help: "What it is to be used for.")
    var scope: String?

    @Option(help: "The address that it came from.")
    var network: String?

    @Option(help: "How many uses it counts for (default: 1).")
    var cost: Int?

    func run() async throws {
        guard cost.map({ (0...1_000_000).contains($0) }) ?? true else {
            throw Failure.usage("--cost takes a number from 0 to 1000000")
        }
        let issuer = try issuer.map { (text) throws(Failure) in try IssuerName.check(text) }
        let request = VerifyRequest(
            key: try PresentedKey.read(key, asking: "Key: "), issuer: issuer, scope: scope, network: network,
            cost: cost)
        let reply = try await vault.withVault(.application) { try await $0.verify(request) }
        if json.isOn {
            try Console.json(reply)
        } else {
            try Console.out(reply.code.rawValue)
            try Self.details(of: reply).print()
        }
        if !reply.valid { throw QuietExit(code: .refused) }
    }

    static func details(of reply: VerifyReply) -> Details {
        var details = Details()
        details.add("issuer", reply.issuer)
        details.add("id", reply.id)
        details.add("name", reply.name)
        details.add("owner", reply.owner)
        details.add("scopes", reply.scopes?.joined(separator: ", "))
        details.add("tier", reply.tier)
        details.add("environment", reply.environment?.rawValue)
        details.add("visibility", reply.visibility == .public ? "public" : nil)
        details.add("expires", reply.expires?.description)
        for (name, value) in (reply.metadata ?? [:]).sorted(by: { $0.key < $1.key }) {
            details.add("meta \(name)", value)
        }
        details.add(reply.limits ?? [], reply.quota)
        details.add("try again in", reply.retryAfter.map { "\($0) s" })
        return details
    }
}
