internal import ArgumentParser

/// `keyturn issued`.
struct IssuedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issued",
        abstract: "Manage the API keys that an issuer has issued.",
        discussion: """
            `keyturn issue` makes them, `keyturn verify` checks them.

              keyturn issued list shop --owner acme
              keyturn issued revoke shop 4fT0bX2kQ9aZ
              keyturn issued find - < leaked
            """,
        subcommands: [
            IssuedListCommand.self, IssuedShowCommand.self, IssuedRevokeCommand.self, IssuedRollCommand.self,
            IssuedDisableCommand.self, IssuedEnableCommand.self, IssuedImportCommand.self, IssuedFindCommand.self,
        ])
}
