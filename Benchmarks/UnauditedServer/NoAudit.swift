internal import Audit

/// Takes every entry and writes none.
struct NoAudit: AuditSink {
    func append(
        _ entry: AuditEntry, durability: AuditDurability, mayUseReserve: Bool,
        completion: @escaping @Sendable (Result<AuditReceipt, AuditError>) -> Void
    ) {
        completion(.success(head))
    }

    func sync(completion: @escaping @Sendable (Result<AuditReceipt, AuditError>) -> Void) {
        completion(.success(head))
    }

    var head: AuditHead { .start }

    var health: AuditHealth { AuditHealth(name: "none", written: head, synced: head) }

    func close() {}
}
