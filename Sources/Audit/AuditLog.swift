/// A log that can be read back: the engine's one way to what its sink has written.
package protocol AuditLog: Sendable {
    /// Looks whether `head` is in the log, and gives `body` the entries after it, the oldest first, until it answers
    /// false. Of what comes before `head` only a few lines are read, so that a long log costs no more than a short one.
    ///
    /// - Returns: what is wrong with the chain from shortly before `head` on; nil: nothing.
    func tail(after head: AuditHead, _ body: (AuditRecord) -> Bool) throws(AuditError) -> AuditFinding?

    /// Calls `body` with each entry from `first` on, the oldest first, until it answers false. Nothing is verified.
    func forEach(from first: UInt64, _ body: (AuditRecord) -> Bool) throws(AuditError)

    /// Verifies all of the log, up to its first problem.
    ///
    /// - Parameters:
    ///   - heads: known heads, all of which must be in the log.
    ///   - mayBeginLater: whether the oldest files may have been taken away.
    ///   - goesOn: is asked now and then; false ends the verification.
    /// - Returns: nil where it was ended.
    func verify(against heads: [AuditHead], mayBeginLater: Bool, while goesOn: () -> Bool) throws(AuditError)
        -> AuditVerification?

    /// Puts a signed checkpoint where others can copy it, in the place of the one before.
    func keep(checkpoint note: String) throws(AuditError)

    /// What people search it by; nil: nobody can.
    var archive: AuditArchive? { get }
}

/// The log in a folder, read while it is being written.
package struct AuditLogFolder: AuditLog {
    private let folder: String
    package let archive: AuditArchive?

    package init(_ folder: String) {
        self.folder = folder
        archive = AuditArchive(folder: folder)
    }

    package func tail(after head: AuditHead, _ body: (AuditRecord) -> Bool) throws(AuditError) -> AuditFinding? {
        try AuditReader(folder: folder).tail(after: head, body)
    }

    package func forEach(from first: UInt64, _ body: (AuditRecord) -> Bool) throws(AuditError) {
        try AuditReader(folder: folder).forEach(from: first, body)
    }

    package func verify(
        against heads: [AuditHead], mayBeginLater: Bool, while goesOn: () -> Bool
    ) throws(AuditError) -> AuditVerification? {
        try AuditVerifier(folder: folder).verify(against: heads, mayBeginLater: mayBeginLater, while: goesOn)
    }

    package func keep(checkpoint note: String) throws(AuditError) {
        do throws(FileFault) {
            try SystemLogFolder.replace(in: folder, file: LogFileName.checkpoint, with: Array(note.utf8))
        } catch {
            throw AuditError(sink: "file", error.reason)
        }
    }
}
