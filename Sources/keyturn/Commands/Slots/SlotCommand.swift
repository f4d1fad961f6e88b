internal import ArgumentParser
internal import KeyturnClient
internal import SecretMemory
internal import VaultAPI

/// `keyturn slot`.
struct SlotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slot",
        abstract: "Manage the passphrases that open the vault.",
        discussion: """
            Each passphrase opens a slot of its own, so that operators need not share one; there are 8. Changes ask \
            for a passphrase that is in force (that of slot 0 unless --with names another).

              keyturn slot list
              keyturn slot add
              keyturn slot change 2 --with 2
            """,
        subcommands: [
            SlotListCommand.self, SlotAddCommand.self, SlotChangeCommand.self, SlotRemoveCommand.self,
            SlotRecoveryCommand.self,
        ])
}

/// The passphrase that allows a change to the slots.
struct SlotAuthority: ParsableArguments {
    @OptionGroup var passphrase: PassphraseOptions

    @Option(help: "The slot that the passphrase in force opens.")
    var with: Int = 0

    /// Asks for the passphrase and has the server check it.
    func authorize(_ vault: KeyturnVault) async throws -> AuthorizeReply {
        try SlotNumber.check(with)
        let secret = try passphrase.passphrase(asking: "Passphrase of slot \(with)")
        Console.progress("Deriving its key …")
        return try await vault.authorize(passphrase: secret, slot: with)
    }
}

/// A passphrase that is to be.
struct NewPassphrase: ParsableArguments {
    @Option(help: "A file that holds the new passphrase, or `-`; else it is asked for, twice.", completion: .file())
    var newPassphraseFile: String?

    func get(forSlot number: Int) throws(Failure) -> SecretBytes {
        try Passphrase.get(
            file: newPassphraseFile, asking: "New passphrase of slot \(number)", twice: true,
            option: "--new-passphrase-file")
    }
}
