/// A log that can be read back: the engine's one way to what its sink has written.
package protocol AuditLog: Sendable {
    /// Looks whether `head` is in the log, and gives `body` the entries after it, the oldest first, until it answers
    /// false. Of what comes before `head` only a few lines are read, so that a long log costs no more than a short one.
    ///
    /// - Parameter accepted: the breaks that an operator has accepted: they are passed over.
    /// - Returns: what is wrong with the chain from shortly before `head` on; nil: nothing.
    func tail(
        after head: AuditHead, accepted: [AcceptedBreak], _ body: (AuditRecord) -> Bool
    ) throws(AuditError) -> AuditFinding?

    /// Calls `body` with each entry from `first` on, the oldest first, until it answers false. Nothing is verified.
    func forEach(from first: UInt64, _ body: (AuditRecord) -> Bool) throws(AuditError)

    /// Verifies all of the log, up to its first problem.
    ///
    /// - Parameters:
    ///   - heads: known heads, all of which must be in the log, but for those that an accepted break took with it.
    ///   - accepted: the breaks that an operator has accepted: they are told and passed over.
    ///   - mayBeginLater: whether the oldest files may have been taken away.
    ///   - goesOn: is asked now and then; false ends the verification.
    /// - Returns: nil where it was ended.
    func verify(
        against heads: [AuditHead], accepted: [AcceptedBreak], mayBeginLater: Bool, while goesOn: () -> Bool
    ) throws(AuditError) -> AuditVerification?

    /// Looks for every break of the log, so that an operator can go on with it as it is.
    ///
    /// - Parameters:
    ///   - known: breaks that were accepted before.
    ///   - firstLost: the first entry that is known to be gone, though the chain does not show it; nil: none is.
    func survey(known: [AcceptedBreak], firstLost: UInt64?) throws(AuditError) -> LogBreaks

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

    package func tail(
        after head: AuditHead, accepted: [AcceptedBreak], _ body: (AuditRecord) -> Bool
    ) throws(AuditError) -> AuditFinding? {
        try AuditReader(folder: folder).tail(after: head, accepted: accepted, body)
    }

    package func forEach(from first: UInt64, _ body: (AuditRecord) -> Bool) throws(AuditError) {
        try AuditReader(folder: folder).forEach(from: first, body)
    }

    package func verify(
        against heads: [AuditHead], accepted: [AcceptedBreak], mayBeginLater: Bool, while goesOn: () -> Bool
    ) throws(AuditError) -> AuditVerification? {
        try AuditVerifier(folder: folder).verify(
            against: heads, accepted: accepted, mayBeginLater: mayBeginLater, while: goesOn)
    }

    package func survey(known: [AcceptedBreak], firstLost: UInt64?) throws(AuditError) -> LogBreaks {
        try AuditVerifier(folder: folder).survey(known: known, firstLost: firstLost)
    }

    package func keep(checkpoint note: String) throws(AuditError) {
        do throws(FileFault) {
            try SystemLogFolder.replace(in: folder, file: LogFileName.checkpoint, with: Array(note.utf8))
        } catch {
            throw AuditError(sink: "file", error.reason)
        }
    }
}
