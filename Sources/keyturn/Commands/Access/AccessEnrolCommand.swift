internal import ArgumentParser
internal import IssuedKeys
internal import KeyturnClient
internal import VaultAPI

/// `keyturn access enrol`.
struct AccessEnrolCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrol",
        abstract: "Make a code that a deployment exchanges once for its access key, and print it, once.",
        discussion: """
            The code alone is on standard output. Whoever sets up the machine hands it over, and never sees the access \
            key; `keyturn access redeem` exchanges it there. A code that is presented a second time is refused and \
            raises an alarm in the audit log.

              keyturn access enrol shop-7 --policy shop --network 10.0.0.7/32
              keyturn access enrol shop-7 --policy shop --expires-in 1h --lifetime 90d
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "A name for people, which the access key gets.")
    var name: String

    @Option(name: .customLong("policy"), help: "A policy that the access key holds. May be repeated; at least one.")
    var policies: [String]

    @Option(help: "How long the code waits to be exchanged (default: 15m; at most 7d).")
    var expiresIn: String?

    @Option(help: "How long the access key lives from the exchange, such as 90d; for ever unless said.")
    var lifetime: String?

    @Option(
        name: .customLong("network"),
        help: "Exchange the code, and accept the access key, only from here, such as 10.0.0.0/8. May be repeated.")
    var networks: [String] = []

    @Option(
        name: .customLong("limit"),
        help: "How many requests the access key may make, such as 10/s or 10000/d. May be repeated.")
    var limits: [String] = []

    @Option(help: "What it is for.")
    var description: String?

    @Option(help: "Who answers for it.")
    var owner: String?

    func run() async throws {
        let request = EnrolRequest(
            name: name, description: description, owner: owner, policies: policies,
            lifetime: try Self.duration(lifetime, "--lifetime"), networks: networks.isEmpty ? nil : networks,
            limits: limits.isEmpty ? nil : limits, validFor: try Self.duration(expiresIn, "--expires-in"))
        let new = try await vault.withVault(.application) { try await $0.enrol(request) }
        if json.isOn { return try Console.json(new) }
        Console.note(
            "id \(new.record.id), \(new.record.policies.joined(separator: ", ")), good once until \(new.record.expires); not shown again"
        )
        try ValueOutput.line(new.code)
    }

    private static func duration(_ text: String?, _ option: String) throws(Failure) -> String? {
        guard let text else { return nil }
        do { _ = try DurationText.milliseconds(text) } catch { throw .usage("\(option): \(error)") }
        return text
    }
}
