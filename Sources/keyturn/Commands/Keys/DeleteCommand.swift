internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn delete`.
struct DeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Put a key in the trash, from where it can be restored for a while.",
        discussion: """
            It is no longer served. Until when it can be restored is printed. Where it was read within the last day, \
            those who read it are named, and at a terminal you are asked first unless --yes is given.

              keyturn delete payments/old
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "Where the key is.")
    var path: String

    @Flag(help: "Do not ask first.")
    var yes = false

    func run() async throws {
        let path = try KeyText.path(path)
        let asks = !yes && Console.inputIsTerminal && Console.errorIsTerminal
        if asks {
            let readers = try await vault.withVault(.application) { await ReadersWarning.readers(of: path, $0) }
            ReadersWarning.note(readers, of: path)
            if !readers.isEmpty { try Confirmation.require(false, "They will not get it any more. Delete it?") }
        }
        let reply = try await vault.withVault(.application) { try await $0.delete(path) }
        if !asks { ReadersWarning.note(reply.readBy, of: path) }
        if json.isOn { return try Console.json(reply) }
        try Console.out("\(Inert.line(reply.path)) is in the trash until \(reply.purgeAfter)")
    }
}
