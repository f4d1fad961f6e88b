internal import ArgumentParser
internal import KeyturnClient

/// `keyturn access roll`.
struct AccessRollCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roll",
        abstract: "Make a successor with the same settings, and print it, once.",
        discussion: """
            The old key is accepted beside it for the overlap.

              keyturn access roll 4fT0bX2kQ9aZ --overlap 24h
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "Its id, which `keyturn access list` shows.")
    var id: String

    @Option(help: "How long the old one is still accepted, such as 24h.")
    var overlap: String?

    func run() async throws {
        let id = try IssuedKeyIDText.accessKey(id)
        let new = try await vault.withVault(.application) { try await $0.rollIssuedKey(id, overlap: overlap) }
        try IssuedKeyDetails.show(new, json: json.isOn)
    }
}
