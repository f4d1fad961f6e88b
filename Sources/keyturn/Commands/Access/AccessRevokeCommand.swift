internal import ArgumentParser
internal import KeyturnClient

/// `keyturn access revoke`.
struct AccessRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Stop accepting an access key, at once and for good.",
        discussion: "  keyturn access revoke 4fT0bX2kQ9aZ")

    @OptionGroup var key: AccessKeyChangeOptions

    func run() async throws { try await key.make(.revoke) }
}
