internal import ArgumentParser
internal import KeyturnClient

/// `keyturn access disable`.
struct AccessDisableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "Stop accepting an access key until it is enabled.",
        discussion: "  keyturn access disable 4fT0bX2kQ9aZ")

    @OptionGroup var key: AccessKeyChangeOptions

    func run() async throws { try await key.make(.disable) }
}
