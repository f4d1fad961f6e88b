internal import ArgumentParser
internal import KeyturnClient

/// `keyturn issued disable`.
struct IssuedDisableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "Stop accepting an issued key until it is enabled.",
        discussion: "  keyturn issued disable shop 4fT0bX2kQ9aZ")

    @OptionGroup var key: IssuedKeyChangeOptions

    func run() async throws { try await key.make(.disable) }
}
