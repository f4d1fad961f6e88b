internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn unseal`.
struct UnsealCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unseal",
        abstract: "Open the vault with a passphrase or the recovery code.",
        discussion: """
            The passphrase opens slot 0 unless another is named; a recovery code names its own slot. Where records are \
            damaged the vault stays sealed and the damage is named; --accept-damage then opens what is whole, for \
            reading alone. The same where the audit log is not the one that the store knows: put the right one back, \
            or, after a backup was restored or the log was lost, go on with the one that is there by --accept-log. All of it \
            is read then, and every break in it is accepted: `keyturn audit verify` tells them.

              keyturn unseal
              keyturn unseal --slot 2 --passphrase-file /run/secrets/passphrase
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var json: JSONOption

    @Option(help: "The slot that the passphrase opens, from 0 to 7.")
    var slot: Int?

    @Flag(help: "Open a damaged vault for reading. This is written to the audit log.")
    var acceptDamage = false

    @Flag(help: "Go on with an audit log that is not the store's. This is written to it.")
    var acceptLog = false

    func run() async throws {
        try SlotNumber.check(slot)
        let reply = try await vault.withVault(.operations) { vault in
            let secret = try passphrase.passphrase(asking: "Passphrase")
            Console.progress("Deriving the key, which takes a moment by design …")
            return try await OpeningNotice.shown(of: vault) {
                try await vault.unseal(
                    passphrase: secret, slot: slot, acceptingDamage: acceptDamage, acceptingLog: acceptLog)
            }
        }
        if reply.policiesChanged {
            Console.note("keyturn: the policy files are not those that were in force when the vault was last open")
        }
        if json.isOn { return try Console.json(reply) }
        let keys = reply.keys == 1 ? "1 key" : "\(reply.keys) keys"
        try Console.out("unsealed, \(keys)\(reply.readOnly ? ", for reading only" : "")")
    }
}

/// Numbers of slots as they are typed.
enum SlotNumber {
    static func check(_ number: Int?) throws(Failure) {
        guard let number else { return }
        guard (0...7).contains(number) else { throw .usage("the number of a slot is 0 to 7") }
    }
}
