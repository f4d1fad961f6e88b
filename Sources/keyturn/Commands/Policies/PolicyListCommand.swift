internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn policy list`.
struct PolicyListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the policies in force.", discussion: "  keyturn policy list --json")

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    func run() async throws {
        let reply = try await vault.withVault(.administration) { try await $0.policies() }
        try PoliciesOutput.show(reply, json: json.isOn)
    }
}

/// Prints a set of policies.
enum PoliciesOutput {
    static func show(_ list: PolicyList, json: Bool) throws(Failure) {
        if json { return try Console.json(list) }
        var table = Table("POLICY", "FILE", "RULES", "TESTS", "DESCRIPTION")
        for policy in list.policies {
            table.add(policy.name, policy.file, "\(policy.rules)", "\(policy.tests)", policy.description)
        }
        try table.print(orNote: "no policies")
        Console.note("in force since \(list.loaded)")
    }
}
