internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn slot recovery`.
struct SlotRecoveryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recovery", abstract: "Make a new recovery code; the one before stops to work.",
        discussion: """
            The code is printed on standard output, once. It takes the slot of the one before, or the first free one.

              keyturn slot recovery
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var authority: SlotAuthority
    @OptionGroup var costs: CostOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "The slot, from 0 to 7.")
    var slot: Int?

    func run() async throws {
        try SlotNumber.check(slot)
        let reply = try await vault.withVault(.administration) { vault in
            let slots = try await vault.slots().slots
            let free = (0...7).first { number in !slots.contains { $0.number == number } }
            guard let number = slot ?? slots.first(where: { $0.kind == "recovery" })?.number ?? free else {
                throw Failure(.failed, "all 8 slots are taken", hints: ["remove one with: keyturn slot remove N"])
            }
            let authorization = try await authority.authorize(vault)
            Console.progress("Deriving the new key …")
            return try await vault.setRecoverySlot(number, authorization: authorization, cost: costs.cost)
        }
        if json.isOn { return try Console.json(reply) }
        Console.note("The recovery code is not shown again. Write it down and keep it away from this machine.")
        try ValueOutput.line(reply.recoveryCode)
    }
}
