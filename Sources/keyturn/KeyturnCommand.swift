internal import ArgumentParser

/// The whole command.
struct KeyturnCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keyturn",
        abstract: "An encrypted vault for API keys.",
        discussion: """
            One process, `keyturn server`, keeps the keys sealed on disk. An operator opens it with a passphrase, and \
            applications fetch what the policies let them have. To begin:

              keyturn server &
              keyturn init
              keyturn put payments/stripe
              keyturn run --env STRIPE_KEY=payments/stripe -- ./shop

            Environment:
              KEYTURN_ADDRESS          the server: https://…, http://… or unix:/path
              KEYTURN_ACCESS_KEY       the access key to present
              KEYTURN_DATA             the data folder, with the operator's socket
              KEYTURN_PASSPHRASE_FILE  a file with the passphrase, instead of asking
              KEYTURN_CA_FILE          authorities to trust for https

            Exit codes:
              0  done                      4  refused
              1  failed                    5  not found
              2  wrong usage or setting    6  no server answers
              3  the vault is sealed

            `keyturn --version` prints the version. Completions for a shell:
              keyturn --generate-completion-script bash > /etc/bash_completion.d/keyturn
            """,
        groupedSubcommands: [
            CommandGroup(
                name: "Vault",
                subcommands: [
                    ServerCommand.self, InitCommand.self, UnsealCommand.self, SealCommand.self, StatusCommand.self,
                    HealthCommand.self, WhoAmICommand.self, UsageCommand.self, StoreCommand.self,
                ]),
            CommandGroup(
                name: "Key",
                subcommands: [
                    PutCommand.self, GetCommand.self, ListCommand.self, ShowCommand.self, VersionsCommand.self,
                    EditCommand.self, DeleteCommand.self, RestoreCommand.self, DestroyCommand.self, ImportCommand.self,
                    RunCommand.self,
                ]),
            CommandGroup(
                name: "Rotation",
                subcommands: [
                    RotateCommand.self, RotationsCommand.self, RotationCommand.self, AcknowledgeCommand.self,
                ]),
            CommandGroup(
                name: "Access",
                subcommands: [AccessCommand.self, PolicyCommand.self, RecoverAccessCommand.self]),
            CommandGroup(name: "Audit", subcommands: [AuditCommand.self]),
            CommandGroup(
                name: "Issued keys",
                subcommands: [IssuerCommand.self, IssueCommand.self, IssuedCommand.self, VerifyCommand.self]),
            CommandGroup(
                name: "Sealing", subcommands: [SlotCommand.self, KeyringCommand.self, RekeyCommand.self]),
        ])
}
