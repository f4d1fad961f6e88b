internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn destroy`.
struct DestroyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "destroy",
        abstract: "Erase a key for good, with the key that sealed it.",
        discussion: """
            At a terminal it asks for the path to be typed unless --yes is given; a program has named it already, and is \
            not asked. Those who read it within the last day are named. Ends when no trace is left in the store. \
            Copies of the store that were made before still hold it.

              keyturn destroy payments/old
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
            let readers = try? await vault.withVault(.application) { await ReadersWarning.readers(of: path, $0) }
            ReadersWarning.note(readers ?? [], of: path)
            try Confirmation.require(typing: path, "It cannot be brought back. Type the path to destroy it:")
        }
        let reply = try await vault.withVault(.application) { try await $0.destroy(path) }
        if !asks { ReadersWarning.note(reply.readBy, of: path) }
        if json.isOn { return try Console.json(reply) }
        try Console.out("\(Inert.line(reply.path)) is destroyed")
    }
}
