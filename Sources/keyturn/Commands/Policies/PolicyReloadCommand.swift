internal import ArgumentParser
internal import KeyturnClient

/// `keyturn policy reload`.
struct PolicyReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Have the server read its policy files again.",
        discussion: """
            Where a file has an error, all errors are named and the set in force stays in force.

              keyturn policy reload
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    func run() async throws {
        let reply = try await vault.withVault(.administration) { try await $0.reloadPolicies() }
        try PoliciesOutput.show(reply, json: json.isOn)
    }
}
