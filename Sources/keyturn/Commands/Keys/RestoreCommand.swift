internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn restore`.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Take a key out of the trash.",
        discussion: "  keyturn restore payments/old")

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "Where the key was.")
    var path: String

    func run() async throws {
        let path = try KeyText.path(path)
        let key = try await vault.withVault(.application) { try await $0.restore(path) }
        if json.isOn { return try Console.json(key) }
        try Console.out("\(Inert.line(key.path)) version \(key.current)")
    }
}
