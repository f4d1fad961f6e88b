internal import ArgumentParser

/// `keyturn access`.
struct AccessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "access",
        abstract: "Manage the access keys that applications present.",
        discussion: """
            What an access key may do is fixed when it is made: a set of policies, until a time, from certain networks.

              keyturn access create shop --policy shop --expires 90d
              keyturn access list
              keyturn access roll 4fT0bX2kQ9aZ --overlap 24h
            """,
        subcommands: [
            AccessCreateCommand.self, AccessListCommand.self, AccessShowCommand.self, AccessRollCommand.self,
            AccessRevokeCommand.self, AccessDisableCommand.self, AccessEnableCommand.self, AccessEnrolCommand.self,
            AccessRedeemCommand.self, AccessEnrolmentsCommand.self, AccessCancelCommand.self,
        ])
}
