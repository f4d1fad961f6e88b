internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn keyring`.
struct KeyringCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keyring",
        abstract: "Replace the data keys under which records are sealed.",
        discussion: """
            Rotating makes a new data key for what is written from now on; rewrapping brings everything older under \
            it and retires the older ones. Neither changes a passphrase or a stored key.

              keyturn keyring rotate && keyturn keyring rewrap
            """,
        subcommands: [Rotate.self, Rewrap.self])

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rotate", abstract: "Seal new records under a new data key.",
            discussion: "  keyturn keyring rotate")

        @OptionGroup var vault: VaultOptions
        @OptionGroup var json: JSONOption

        func run() async throws {
            let reply = try await vault.withVault(.administration) { try await $0.rotateKeyring() }
            if json.isOn { return try Console.json(reply) }
            try Console.out("new records are sealed under data key \(reply.current)")
        }
    }

    struct Rewrap: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rewrap", abstract: "Bring every record under the newest data key and retire the others.",
            discussion: "  keyturn keyring rewrap")

        @OptionGroup var vault: VaultOptions
        @OptionGroup var json: JSONOption

        func run() async throws {
            Console.progress("Going over every record …")
            let reply = try await vault.withVault(.administration) { try await $0.rewrapKeyring() }
            if json.isOn { return try Console.json(reply) }
            try Console.out("\(reply.resealed) records sealed anew")
        }
    }
}
