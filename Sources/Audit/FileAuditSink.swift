internal import SecretMemory

/// The log in a folder of its own: `docs/audit.md` specifies its files, and what is promised about them.
///
/// One thread writes batches and one syncs, so that a read's entry does not wait for a change's; a third refuses what
/// takes too long. Further sinks get every line that was written; each has a thread of its own.
package final class FileAuditSink: AuditSink {
    private let driver: SinkDriver
    private let patience: Int64
    private let now: @Sendable () -> Int64
    private let further: [Forwarder]
    /// Those whose receipt an entry waits for.
    private let mandatory: [Forwarder]
    /// Bytes of an unfinished line that a crash had left, and that were cut off at the start.
    package let repairedBytes: Int

    /// Opens the log in `folder`, which is made with mode 0700 if missing, and goes on where it left off.
    ///
    /// Only the end of the last file is read. The folder stays locked until the sink is closed and gone.
    ///
    /// - Parameter further: get every line as well.
    /// - Throws: ``AuditError/Reason/unsafeFolder``, ``AuditError/Reason/inUse``, ``AuditError/Reason/damaged``, or why
    ///   the folder could not be read or written. A full disk is no reason: the sink opens and refuses.
    package convenience init(
        folder: String, settings: AuditSettings = AuditSettings(), further: [FurtherSink] = []
    ) throws(AuditError) {
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
        var limits = ForwardQueue.Limits()
        limits.patience = settings.patience
        try self.init(opened, settings: settings, further: further, limits: limits)
    }

    /// Opens the log in `folder`; `now` gives milliseconds of a steady clock.
    init(
        _ folder: any LogFolder, settings: AuditSettings, further: [FurtherSink] = [],
        limits: ForwardQueue.Limits = .init(), now: @escaping @Sendable () -> Int64 = steadyMilliseconds
    ) throws(AuditError) {
        patience = settings.patience
        self.now = now
        let forwarders = further.map { Forwarder($0, limits: limits, now: now) }
        self.further = forwarders
        mandatory = forwarders.filter { $0.sink.need == .mandatory }
        guard (try? Sodium.start()) != nil else { throw AuditError(sink: settings.name, .inputOutput) }
        let resumed = try ResumedLog(in: folder, sink: settings.name)
        repairedBytes = resumed.repairedBytes
        do throws(AuditError.Reason) {
            let writer = try naming { () throws(FileFault) in
                try LogWriter(folder: folder, settings: settings, resuming: resumed)
            }
            driver = SinkDriver(writer, further: forwarders, now: now)
            try driver.start()
            for forwarder in forwarders { try forwarder.start() }
        } catch {
            throw AuditError(sink: settings.name, error)
        }
    }

    deinit { close() }

    package func append(
        _ entry: AuditEntry, durability: AuditDurability, mayUseReserve: Bool,
        completion: @escaping @Sendable (Result<AuditReceipt, AuditError>) -> Void
    ) {
        if let refusal = refusal(durability) { return completion(.failure(refusal)) }
        driver.submit(
            QueuedLine(entry, mayUseReserve: mayUseReserve), durability: durability,
            completion: afterMandatory(durability, completion))
    }

    package func append(
        _ entries: [AuditSubmission], durability: AuditDurability,
        completion: @escaping @Sendable ([Result<AuditReceipt, AuditError>]) -> Void
    ) {
        if let refusal = refusal(durability) { return completion(entries.map { _ in .failure(refusal) }) }
        let replies = JointReply(count: entries.count, completion)
        let waitsForOthers = !mandatory.isEmpty && durability != .noted
        var pending: [AppendQueue.Pending] = []
        pending.reserveCapacity(entries.count)
        for (index, submission) in entries.enumerated() {
            pending.append(
                AppendQueue.Pending(
                    line: submission.line,
                    durability: index == entries.count - 1 ? durability : durability.ofOthers,
                    asker: waitsForOthers
                        ? .one(afterMandatory(durability) { replies.put($0, at: index) })
                        : .several(replies, at: index)))
        }
        driver.submit(pending)
    }

    /// Why an entry that further sinks must take is refused before it is written, where that is known.
    private func refusal(_ durability: AuditDurability) -> AuditError? {
        guard durability != .noted else { return nil }
        for forwarder in mandatory { if let refusal = forwarder.refusal { return refusal } }
        return nil
    }

    /// `completion`, once every mandatory sink has taken the line, too, or one has not in time.
    private func afterMandatory(
        _ durability: AuditDurability, _ completion: @escaping AppendQueue.Completion
    ) -> AppendQueue.Completion {
        guard !mandatory.isEmpty, durability != .noted else { return completion }
        let deadline = now() + patience
        return { [mandatory] result in
            guard case .success(let receipt) = result else { return completion(result) }
            Self.wait(for: mandatory[...], receipt, until: deadline, completion)
        }
    }

    private static func wait(
        for forwarders: ArraySlice<Forwarder>, _ receipt: AuditReceipt, until deadline: Int64,
        _ completion: @escaping AppendQueue.Completion
    ) {
        guard let first = forwarders.first else { return completion(.success(receipt)) }
        first.whenTaken(receipt.sequence, until: deadline) { error in
            if let error { return completion(.failure(error)) }
            wait(for: forwarders.dropFirst(), receipt, until: deadline, completion)
        }
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

    package func goOn(after sequence: UInt64, time: Int64) throws(AuditError) -> AuditHead? {
        try driver.reopen(time: time, after: sequence)
    }

    package var head: AuditHead { driver.health.written }
    package var health: AuditHealth {
        var health = driver.health
        health.further = further.map(\.health)
        return health
    }

    package func close() {
        driver.close()
        for forwarder in further { forwarder.close() }
    }
}

extension QueuedLine {
    init(_ entry: AuditEntry, mayUseReserve: Bool) {
        self.init(
            body: entry.lineBody, time: entry.time, mayUseReserve: mayUseReserve, isAllowed: entry.outcome == .allowed)
    }
}
