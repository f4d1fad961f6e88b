internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn access disable`.
struct AccessDisableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "Stop accepting an access key until it is enabled.",
        discussion: "  keyturn access disable 4fT0bX2kQ9aZ")

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "Its id, which `keyturn access list` shows.")
    var id: String

    func run() async throws {
        let id = try AccessKeyID.check(id)
        let key = try await vault.withVault(.application) { try await $0.changeAccessKey(id, .disable) }
        if json.isOn { return try Console.json(key) }
        try Console.out("\(Inert.line(key.id)) \(key.state.rawValue)")
    }
}
