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
              keyturn access roll --own
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "Its id, which `keyturn access list` shows.")
    var id: String?

    @Flag(help: "Roll the access key that is presented; that needs the action renew.")
    var own = false

    @Option(help: "How long the old one is still accepted, such as 24h.")
    var overlap: String?

    func run() async throws {
        guard own == (id == nil) else { throw Failure.usage("give the id of an access key, or --own") }
        let id = try id.map { (id) throws(Failure) in try IssuedKeyIDText.accessKey(id) }
        let new = try await vault.withVault(.application) { vault in
            guard let id else { return try await vault.rollOwnAccessKey(overlap: overlap) }
            return try await vault.rollIssuedKey(id, overlap: overlap)
        }
        try IssuedKeyDetails.show(new, json: json.isOn)
    }
}
