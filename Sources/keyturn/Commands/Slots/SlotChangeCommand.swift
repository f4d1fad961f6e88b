internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn slot change`.
struct SlotChangeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "change", abstract: "Change the passphrase of a slot.",
        discussion: """
            The old passphrase still opens copies of the store that were made before. To expel whoever knows it from \
            everything written from now on, see `keyturn rekey`.

              keyturn slot change 0
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var authority: SlotAuthority
    @OptionGroup var newPassphrase: NewPassphrase
    @OptionGroup var costs: CostOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "The slot, from 0 to 7.")
    var slot: Int

    func run() async throws {
        try SlotNumber.check(slot)
        let changed = try await vault.withVault(.administration) { vault in
            let authorization = try await authority.authorize(vault)
            let secret = try newPassphrase.get(forSlot: slot)
            Console.progress("Deriving the new key …")
            return try await vault.setSlot(
                slot, passphrase: secret, replacing: true, authorization: authorization, cost: costs.cost)
        }
        if json.isOn { return try Console.json(changed) }
        try Console.out("slot \(changed.number) changed")
    }
}
