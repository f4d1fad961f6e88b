internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn slot remove`.
struct SlotRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove a slot. The last one cannot be removed.",
        discussion: "  keyturn slot remove 3 --with 0")

    @OptionGroup var vault: VaultOptions
    @OptionGroup var authority: SlotAuthority
    @OptionGroup var json: JSONOption

    @Argument(help: "The slot, from 0 to 7.")
    var slot: Int

    @Flag(help: "Do not ask first.")
    var yes = false

    func run() async throws {
        try SlotNumber.check(slot)
        try Confirmation.require(yes, "Its passphrase will no longer open the vault. Remove slot \(slot)?")
        let removed = try await vault.withVault(.administration) { vault in
            try await vault.removeSlot(slot, authorization: try await authority.authorize(vault))
        }
        if json.isOn { return try Console.json(removed) }
        try Console.out("slot \(removed.number) removed")
    }
}
