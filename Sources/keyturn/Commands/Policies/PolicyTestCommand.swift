internal import ArgumentParser
internal import Policy

/// `keyturn policy test`.
struct PolicyTestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Run the tests that policy files hold, and say which policies have none.",
        discussion: """
            Ends with 1 where a test fails, naming file and line.

              keyturn policy test ./policies
            """)

    @OptionGroup var json: JSONOption

    @Argument(help: "The folder.", completion: .directory)
    var folder: String

    func run() throws {
        let policies = PolicyFiles.summaries(try PolicyFiles.load(folder))
        if json.isOn { return try Console.json(CheckedPolicies(policies: policies)) }
        var table = Table("POLICY", "FILE", "TESTS")
        for policy in policies {
            table.add(policy.name, policy.file, policy.tests == 0 ? "none" : "\(policy.tests) passed")
        }
        try table.print(orNote: "no policy files")
    }
}
