internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn issuer edit`.
struct IssuerEditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Change an issuer. Keys that it has issued stay as they are.",
        discussion: """
            Scopes and tiers that are given replace all that are there. --clear takes a piece away.

              keyturn issuer edit shop --scope orders:read --scope orders:write --scope stock:read
              keyturn issuer edit shop --clear lifetime
            """)

    /// What can be taken away.
    enum Clearable: String, ExpressibleByArgument, CaseIterable {
        case description, lifetime, scopes, tiers
    }

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup var settings: IssuerSettings

    @Option(help: "Take away description, lifetime, scopes or tiers. May be repeated.")
    var clear: [Clearable] = []

    func run() async throws {
        let name = try IssuerName.check(name)
        let tiers = try TierText.parse(settings.tiers)
        let request = EditIssuerRequest(
            description: try edit(.description, settings.description), lifetime: try edit(.lifetime, settings.lifetime),
            scopes: try edit(.scopes, settings.scopes.isEmpty ? nil : settings.scopes),
            tiers: try edit(.tiers, tiers.isEmpty ? nil : tiers))
        guard request != EditIssuerRequest() else {
            throw Failure.usage("there is nothing to change", hint: "give --description, --scope or another option")
        }
        let issuer = try await vault.withVault(.application) { try await $0.editIssuer(name, request) }
        if json.isOn { return try Console.json(issuer) }
        try IssuerDetails.of(issuer).print()
    }

    private func edit<Value>(_ piece: Clearable, _ value: Value?) throws(Failure) -> Edit<Value> {
        guard clear.contains(piece) else { return value.map { .set($0) } ?? .unchanged }
        guard value == nil else { throw .usage("\(piece.rawValue) is both given and cleared") }
        return .cleared
    }
}
