internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn access cancel`.
struct AccessCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Have an enrolment code exchanged by nobody any more, at once.",
        discussion: "  keyturn access cancel 4fT0bX2kQ9aZ")

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "Its id, which `keyturn access enrolments` shows.")
    var id: String

    func run() async throws {
        let id = try IssuedKeyIDText.check(id, shownBy: "keyturn access enrolments")
        let code = try await vault.withVault(.application) { try await $0.cancelEnrolment(id) }
        if json.isOn { return try Console.json(code) }
        Console.note("cancelled \(code.id)")
    }
}
