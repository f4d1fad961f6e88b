internal import ArgumentParser

/// `keyturn audit`.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Ask the audit log, verify it, and vouch for it elsewhere.",
        discussion: """
            Every request that touched the vault is in it, refused ones included.

              keyturn audit search --key payments/stripe --since 30d
              keyturn audit search --outcome refused --follow
              keyturn audit verify
              keyturn audit checkpoint > /mnt/elsewhere/checkpoint
            """,
        subcommands: [AuditSearchCommand.self, AuditVerifyCommand.self, AuditCheckpointCommand.self])
}
