internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn store`.
struct StoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "Look after the store.",
        discussion: "  keyturn store verify", subcommands: [Verify.self])

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract: "Open every record, and name those that are not what was sealed.",
            discussion: """
                Ends with 1 where something is damaged.

                  keyturn store verify --json
                """)

        @OptionGroup var vault: VaultOptions
        @OptionGroup var json: JSONOption

        func run() async throws {
            Console.progress("Opening every record …")
            let reply = try await vault.withVault(.administration) { try await $0.verifyStore() }
            if json.isOn {
                try Console.json(reply)
            } else {
                try Console.out("\(reply.heads) heads and \(reply.children) bodies are whole")
                var table = Table("DAMAGED", "KEY", "VERSION")
                for one in reply.damaged { table.add(one.kind, one.key, one.version.map { "\($0)" } ?? "") }
                try table.print(orNote: "nothing is damaged")
            }
            if !reply.damaged.isEmpty { throw QuietExit(code: .failed) }
        }
    }
}
