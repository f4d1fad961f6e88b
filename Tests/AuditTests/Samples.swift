@testable import Audit

/// 2026-11-21T03:29:07Z.
let someTime: Int64 = 1_795_231_747_000

extension AuditEntry {
    /// A read of a key by an access key.
    static func read(_ key: String = "payments/stripe", time: Int64 = someTime) -> AuditEntry {
        AuditEntry(
            time: time, outcome: .allowed, action: "retrieve",
            caller: .accessKey(id: "7Qm2ZpX4rT9b", name: "payments-service"), address: "127.0.0.1", key: key,
            version: 3, duration: 42, route: "/v1/values/{path}")
    }
}

extension LogWriter {
    /// A writer that resumes what is in `folder`.
    init(_ folder: any LogFolder, _ settings: AuditSettings = AuditSettings()) throws {
        self = try LogWriter(folder: folder, settings: settings, resuming: try ResumedLog(in: folder))
    }

    mutating func write(_ entry: AuditEntry, mayUseReserve: Bool = false) -> Result<AuditHead, AuditError.Reason> {
        write([QueuedLine(body: entry.lineBody, time: entry.time, mayUseReserve: mayUseReserve)])[0]
    }
}

extension AuditSettings {
    /// Milliseconds that a busy machine may take for a sync: ten minutes.
    static let longPatience: Int64 = 600_000

    /// As a server has them, but for their patience.
    static let usual: AuditSettings = {
        var settings = AuditSettings()
        settings.patience = longPatience
        return settings
    }()

    /// Without a reserve.
    static let bare: AuditSettings = {
        var settings = AuditSettings()
        settings.reserveBytes = 0
        settings.patience = longPatience
        return settings
    }()
}
