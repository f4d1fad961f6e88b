internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn slot add`.
struct SlotAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a passphrase, in the first free slot unless one is named.",
        discussion: """
              keyturn slot add
              keyturn slot add 3 --passphrase-file mine.txt --new-passphrase-file theirs.txt
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var authority: SlotAuthority
    @OptionGroup var newPassphrase: NewPassphrase
    @OptionGroup var costs: CostOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "The slot, from 0 to 7.")
    var slot: Int?

    func run() async throws {
        try SlotNumber.check(slot)
        let added = try await vault.withVault(.administration) { vault in
            let taken = Set(try await vault.slots().slots.map(\.number))
            guard let number = slot ?? (0...7).first(where: { !taken.contains($0) }) else {
                throw Failure(.failed, "all 8 slots are taken", hints: ["remove one with: keyturn slot remove N"])
            }
            guard !taken.contains(number) else {
                throw Failure(
                    .failed, "slot \(number) is taken", hints: ["change it with: keyturn slot change \(number)"])
            }
            let authorization = try await authority.authorize(vault)
            let secret = try newPassphrase.get(forSlot: number)
            Console.progress("Deriving the new key …")
            return try await vault.setSlot(
                number, passphrase: secret, replacing: false, authorization: authorization, cost: costs.cost)
        }
        if json.isOn { return try Console.json(added) }
        try Console.out("slot \(added.number) added")
    }
}
