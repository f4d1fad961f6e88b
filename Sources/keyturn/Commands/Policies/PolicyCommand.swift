internal import ArgumentParser

/// `keyturn policy`.
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Check policy files, and ask why something was refused.",
        discussion: """
              keyturn policy check ./policies
              keyturn policy explain 7Qm2V0c1
            """,
        subcommands: [
            PolicyCheckCommand.self, PolicyTestCommand.self, PolicyExplainCommand.self, PolicyListCommand.self,
            PolicyReloadCommand.self,
        ])
}
