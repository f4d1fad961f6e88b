internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn seal`.
struct SealCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal",
        abstract: "Close the vault: forget every key in memory.",
        discussion: """
            Ends when nothing is left in the server's memory. Until somebody unseals it, requests are answered with \
            503 and the code `sealed`.

              keyturn seal
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    func run() async throws {
        let reply = try await vault.withVault(.operations) { try await $0.seal() }
        if json.isOn { return try Console.json(reply) }
        try Console.out(reply.state.rawValue)
    }
}
