internal import ArgumentParser
internal import Policy

/// `keyturn policy check`.
struct PolicyCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a folder of policy files as the server would, without one.",
        discussion: """
            Every error is named with file and line; ends with 1 where there is one. The tests in the files run too.

              keyturn policy check ./policies
            """)

    @OptionGroup var json: JSONOption

    @Argument(help: "The folder.", completion: .directory)
    var folder: String

    func run() throws {
        let policies = PolicyFiles.summaries(try PolicyFiles.load(folder))
        if json.isOn { return try Console.json(CheckedPolicies(policies: policies)) }
        let rules = policies.map(\.rules).reduce(0, +)
        try Console.out(
            "\(policies.count) \(policies.count == 1 ? "policy" : "policies"), \(rules) \(rules == 1 ? "rule" : "rules"): no errors"
        )
    }
}
