internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn access enrolments`.
struct AccessEnrolmentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrolments",
        abstract: "List the enrolment codes of the last 30 days, without their secrets.",
        discussion: "  keyturn access enrolments")

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    func run() async throws {
        let list = try await vault.withVault(.application) { try await $0.enrolments() }
        if json.isOn { return try Console.json(list) }
        var table = Table("ID", "NAME", "STATE", "POLICIES", "UNTIL", "ACCESS KEY", "USED AGAIN")
        for code in list.enrolments {
            table.add(
                code.id, code.name, code.state.rawValue, code.policies.joined(separator: ", "),
                code.expires.description, code.accessKey ?? "",
                code.reused.map { "\($0)\(code.reusedFrom.map { " from \($0)" } ?? "")" } ?? "")
        }
        try table.print(orNote: "no enrolment codes")
    }
}
