internal import ArgumentParser
internal import KeyturnClient

/// `keyturn issued roll`.
struct IssuedRollCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roll",
        abstract: "Issue a successor with the same settings, and print it, once.",
        discussion: """
            The old key is accepted beside it for the overlap.

              keyturn issued roll shop 4fT0bX2kQ9aZ --overlap 7d
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption
    @OptionGroup var key: IssuedKeyOptions

    @Option(help: "How long the old one is still accepted, such as 24h (default: a day).")
    var overlap: String?

    func run() async throws {
        let (issuer, id) = try key.check()
        let new = try await vault.withVault(.application) {
            try await $0.rollIssuedKey(id, of: issuer, overlap: overlap)
        }
        try IssuedKeyDetails.show(new, json: json.isOn)
    }
}
