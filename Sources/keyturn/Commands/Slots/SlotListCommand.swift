internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn slot list`.
struct SlotListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the slots and what deriving their keys costs.",
        discussion: "  keyturn slot list --json")

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    func run() async throws {
        let reply = try await vault.withVault(.administration) { try await $0.slots() }
        if json.isOn { return try Console.json(reply) }
        var table = Table("SLOT", "KIND", "MEMORY", "ITERATIONS", "PARALLELISM")
        for slot in reply.slots {
            table.add(
                "\(slot.number)", slot.kind, "\(slot.memoryKib / 1024) MiB", "\(slot.iterations)", "\(slot.parallelism)"
            )
        }
        try table.print(orNote: "no slots")
    }
}
