internal import ArgumentParser
internal import KeyturnClient

/// `keyturn access enable`.
struct AccessEnableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable", abstract: "Accept a disabled access key again.",
        discussion: "  keyturn access enable 4fT0bX2kQ9aZ")

    @OptionGroup var key: AccessKeyChangeOptions

    func run() async throws { try await key.make(.enable) }
}
