internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn policy explain`.
struct PolicyExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say why something was refused: the file and line of the rule, or that none matched.",
        discussion: """
            A refusal tells the caller the id of its decision; an operator explains it with that.

              keyturn policy explain 7Qm2V0c1
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "The id of the decision.")
    var decision: String

    func run() async throws {
        let reply = try await vault.withVault(.administration) { try await $0.decision(decision) }
        if json.isOn { return try Console.json(reply) }
        var details = Details()
        details.add("decision", reply.decision)
        details.add("time", reply.time.description)
        details.add("caller", reply.caller)
        details.add("action", reply.action)
        details.add("target", reply.target)
        details.add("outcome", reply.outcome)
        details.add("rule", reply.rule.map { "\($0.effect) at \($0.file):\($0.line), policy \($0.policy)" })
        details.add("reason", reply.rule?.reason)
        try details.print()
        for line in reply.explanation { try Console.out(Inert.line(line)) }
    }
}
