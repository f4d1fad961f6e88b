internal import ArgumentParser
internal import KeyturnClient

/// `keyturn issued enable`.
struct IssuedEnableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable", abstract: "Accept a disabled issued key again.",
        discussion: "  keyturn issued enable shop 4fT0bX2kQ9aZ")

    @OptionGroup var key: IssuedKeyChangeOptions

    func run() async throws { try await key.make(.enable) }
}
