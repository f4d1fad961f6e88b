internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// What the commands that change one access key have in common: which one, and what is printed of it afterwards.
struct AccessKeyChangeOptions: ParsableArguments {
    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "Its id, which `keyturn access list` shows.")
    var id: String

    /// Makes the change.
    func make(_ change: AccessKeyChange) async throws {
        let id = try AccessKeyID.check(id)
        let key = try await vault.withVault(.application) { try await $0.changeAccessKey(id, change) }
        if json.isOn { return try Console.json(key) }
        try Console.out("\(Inert.line(key.id)) \(key.state.rawValue)")
    }
}
