internal import SecretMemory

/// The log in a folder of its own: `docs/audit.md` specifies its files, and what is promised about them.
///
/// One thread writes batches and one syncs, so that a read's entry does not wait for a change's; a third refuses what
/// takes too long.
package final class FileAuditSink: AuditSink {
    private let driver: SinkDriver
    /// Bytes of an unfinished line that a crash had left, and that were cut off at the start.
    package let repairedBytes: Int

    /// Opens the log in `folder`, which is made with mode 0700 if missing, and goes on where it left off.
    ///
    /// Only the end of the last file is read. The folder stays locked until the sink is closed and gone.
    ///
    /// - Throws: ``AuditError/Reason/unsafeFolder``, ``AuditError/Reason/inUse``, ``AuditError/Reason/damaged``, or why
    ///   the folder could not be read or written. A full disk is no reason: the sink opens and refuses.
    package convenience init(folder: String, settings: AuditSettings = AuditSettings()) throws(AuditError) {
        let opened: SystemLogFolder
        do throws(FolderFault) {
            opened = try SystemLogFolder(folder, owned: true)
        } catch {
            switch error {
            case .file(let fault): throw AuditError(sink: settings.name, fault.reason)
            case .unsafe: throw AuditError(sink: settings.name, .unsafeFolder)
            case .inUse: throw AuditError(sink: settings.name, .inUse)
            }
        }
        try self.init(opened, settings: settings)
    }

    /// Opens the log in `folder`; `now` gives milliseconds of a steady clock.
    init(
        _ folder: any LogFolder, settings: AuditSettings, now: @escaping @Sendable () -> Int64 = steadyMilliseconds
    ) throws(AuditError) {
        do throws(AuditError.Reason) {
            guard (try? Sodium.start()) != nil else { throw .inputOutput }
            let resumed = try ResumedLog(in: folder)
            repairedBytes = resumed.repairedBytes
            let writer = try naming { () throws(FileFault) in
                try LogWriter(folder: folder, settings: settings, resuming: resumed)
            }
            driver = SinkDriver(writer, now: now)
            try driver.start()
        } catch {
            throw AuditError(sink: settings.name, error)
        }
    }

    deinit { driver.close() }

    package func append(
        _ entry: AuditEntry, durability: AuditDurability, mayUseReserve: Bool,
        completion: @escaping @Sendable (Result<AuditReceipt, AuditError>) -> Void
    ) {
        let line = QueuedLine(body: entry.lineBody, time: entry.time, mayUseReserve: mayUseReserve)
        driver.submit(line, durability: durability, completion: completion)
    }

    package func append(
        _ entries: [AuditSubmission], durability: AuditDurability,
        completion: @escaping @Sendable ([Result<AuditReceipt, AuditError>]) -> Void
    ) {
        let replies = JointReply(count: entries.count, completion)
        driver.submit(
            entries.enumerated().map { index, submission in
                let line = QueuedLine(
                    body: submission.entry.lineBody, time: submission.entry.time,
                    mayUseReserve: submission.mayUseReserve)
                return AppendQueue.Pending(line: line, durability: durability) { replies.put($0, at: index) }
            })
    }

    package func sync(completion: @escaping @Sendable (Result<AuditReceipt, AuditError>) -> Void) {
        driver.submitSync(completion)
    }

    /// Goes on in a new file after the last entry written, whatever became of the old one.
    ///
    /// The only way on after a failed sync, or a file that was removed, replaced or truncated. Entries that were lost
    /// are not brought back, and a verifier names the first of them.
    ///
    /// - Parameter time: the new file's time, in milliseconds since 1970 UTC.
    package func reopen(time: Int64) throws(AuditError) { try driver.reopen(time: time) }

    package var head: AuditHead { driver.health.written }
    package var health: AuditHealth { driver.health }
    package func close() { driver.close() }
}
