internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn rekey`.
struct RekeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rekey",
        abstract: "Seal everything anew under a new root key, to expel somebody who kept an old slot.",
        discussion: """
            Only the slots whose passphrases are given open the vault afterwards; all others are gone, the recovery \
            code too unless its slot is among them. Each --slot asks for its passphrase, or reads it from a file.

              keyturn rekey --slot 0 --slot 2
              keyturn rekey --slot 0=/run/secrets/first --slot 2=/run/secrets/second --yes
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Option(name: .customLong("slot"), help: "A slot that stays: its number, or number=file. May be repeated.")
    var slots: [String]

    @Flag(help: "Do not ask whether the other slots may go.")
    var yes = false

    func run() async throws {
        let kept = try slots.map { (text) throws(Failure) in try SlotSource(text) }
        guard Set(kept.map(\.number)).count == kept.count else { throw Failure.usage("--slot names one slot twice") }
        try Confirmation.require(
            yes, "Slots other than \(kept.map { "\($0.number)" }.joined(separator: ", ")) will be gone. Go on?")
        let reply = try await vault.withVault(.administration) { vault in
            var authorizations: [AuthorizeReply] = []
            for slot in kept {
                let secret = try Passphrase.get(
                    file: slot.file, asking: "Passphrase of slot \(slot.number)", option: "--slot \(slot.number)=FILE")
                Console.progress("Deriving the key of slot \(slot.number) …")
                authorizations.append(try await vault.authorize(passphrase: secret, slot: slot.number))
            }
            Console.progress("Sealing every record anew …")
            return try await vault.rekey(authorizations: authorizations)
        }
        if json.isOn { return try Console.json(reply) }
        let left = reply.slots.map { "\($0)" }.joined(separator: ", ")
        try Console.out("\(reply.records) records sealed anew; what opens the vault now: slot \(left)")
    }
}

/// `N` or `N=FILE`.
struct SlotSource: Equatable {
    var number: Int
    var file: String?

    init(_ text: String) throws(Failure) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let number = Int(parts[0]), (0...7).contains(number), parts.count == 1 || !parts[1].isEmpty else {
            throw .usage("--slot takes the number of a slot from 0 to 7, or that, `=`, and a file with its passphrase")
        }
        self.number = number
        file = parts.count == 2 ? String(parts[1]) : nil
    }
}
