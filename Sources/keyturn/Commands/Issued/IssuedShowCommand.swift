internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn issued show`.
struct IssuedShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show everything about an issued key but its secret.",
        discussion: "  keyturn issued show shop 4fT0bX2kQ9aZ")

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption
    @OptionGroup var key: IssuedKeyOptions

    func run() async throws {
        let (issuer, id) = try key.check()
        let key = try await vault.withVault(.application) { try await $0.issuedKey(id, of: issuer) }
        if json.isOn { return try Console.json(key) }
        try IssuedKeyDetails.of(key).print()
    }
}
