internal import ArgumentParser

/// `keyturn audit`.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Verify the audit log, and vouch for it elsewhere.",
        discussion: """
              keyturn audit verify
              keyturn audit checkpoint > /mnt/elsewhere/checkpoint
            """,
        subcommands: [AuditVerifyCommand.self, AuditCheckpointCommand.self])
}
