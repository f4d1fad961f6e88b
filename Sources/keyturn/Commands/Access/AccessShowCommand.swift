internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn access show`.
struct AccessShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show everything about an access key but its secret.",
        discussion: "  keyturn access show 4fT0bX2kQ9aZ")

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "Its id, which `keyturn access list` shows.")
    var id: String

    func run() async throws {
        let id = try IssuedKeyIDText.accessKey(id)
        let key = try await vault.withVault(.application) { try await $0.issuedKey(id) }
        if json.isOn { return try Console.json(key) }
        try IssuedKeyDetails.show(key, by: .day)
    }
}
