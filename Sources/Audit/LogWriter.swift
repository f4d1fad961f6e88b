/// An entry on its way to the file.
struct QueuedLine: Sendable {
    let body: [UInt8]
    /// The entry's own time.
    let time: Int64
    let mayUseReserve: Bool
    /// Whether it tells of something that was allowed.
    var isAllowed = true
}

/// Writes batches of lines to the log's last file, and knows at each batch whether that file is still the one.
///
/// Not for several threads at once. Every failure leaves the chain as it was, so that the next line takes the place
/// of the one that failed.
struct LogWriter: Sendable {
    let folder: any LogFolder
    let settings: AuditSettings
    private(set) var chain: LineChain
    private(set) var current: CurrentFile?
    private(set) var reserve: LogReserve?
    private var buffer: [UInt8] = []

    /// The file being written.
    struct CurrentFile: Sendable {
        let name: String
        let file: any LogFile
        /// Bytes of whole lines.
        var size: Int64
        /// The time in its header.
        let begun: Int64
        var hasEntries: Bool
        /// Whether bytes of a line that failed may follow the whole lines.
        var isTorn = false
    }

    init(folder: any LogFolder, settings: AuditSettings, resuming resumed: ResumedLog) throws(FileFault) {
        self.folder = folder
        self.settings = settings
        chain = resumed.chain
        current = resumed.file
        reserve = settings.reserveBytes > 0 ? try LogReserve(folder: folder, size: settings.reserveBytes) : nil
    }

    /// Writes the lines, in order, or refuses them; those that may use the reserve are refused last.
    ///
    /// - Returns: for each line its place in the chain, or why it was refused.
    mutating func write(_ lines: [QueuedLine]) -> [Result<AuditHead, AuditError.Reason>] {
        let isSpent = reserve?.isSpent ?? false
        let first = isSpent ? nil : place(lines)
        // Nearly always all of them can be written.
        if case .success(let heads)? = first { return heads.map { .success($0) } }
        var chosen = Array(lines.indices)
        if isSpent, lines.contains(where: { !$0.mayUseReserve }) {
            // What was given back is for operators: others wait until all of it could be taken again.
            if self.reserve?.restore() != true { chosen.removeAll { !lines[$0].mayUseReserve } }
        }
        var results = [Result<AuditHead, AuditError.Reason>](repeating: .failure(.full), count: lines.count)
        var attempt = first ?? place(chosen.map { lines[$0] })
        if attempt == .failure(.full) {
            let count = chosen.count
            chosen.removeAll { !lines[$0].mayUseReserve }
            if chosen.count < count { attempt = place(chosen.map { lines[$0] }) }
            while attempt == .failure(.full), !chosen.isEmpty, reserve?.release() == true {
                attempt = place(chosen.map { lines[$0] })
            }
        }
        switch attempt {
        case .success(let heads):
            for (index, head) in zip(chosen, heads) { results[index] = .success(head) }
        case .failure(let reason):
            for index in chosen { results[index] = .failure(reason) }
        }
        return results
    }

    /// Goes on in a new file after the entry last written, whatever has become of the old one. What is lost stays
    /// visible to a verifier.
    ///
    /// - Parameter sequence: numbers up to this one are left out.
    /// - Returns: the last number before the new file, and the hash of its header.
    mutating func reopen(time: Int64, after sequence: UInt64 = 0) throws(AuditError.Reason) -> AuditHead {
        if let old = current, !old.hasEntries {
            // A file that only has its header would have the new one's name.
            let folder = folder
            try naming { () throws(FileFault) in
                if let there = try folder.facts(old.name), there.isSameFile(as: try old.file.facts()) {
                    try folder.remove(old.name)
                }
            }
        }
        if sequence == 0 || current?.hasEntries == false { current = nil }
        try begin(time: time, after: sequence)
        let header = AuditHead(sequence: chain.head.sequence, hash: chain.link)
        guard settings.reserveBytes > 0 else { return header }
        let (folder, bytes) = (folder, settings.reserveBytes)
        reserve = try naming { () throws(FileFault) in try LogReserve(folder: folder, size: bytes) }
        return header
    }

    private mutating func place(_ lines: [QueuedLine]) -> Result<[AuditHead], AuditError.Reason> {
        do throws(AuditError.Reason) {
            return .success(try append(lines))
        } catch {
            return .failure(error)
        }
    }

    private mutating func append(_ lines: [QueuedLine]) throws(AuditError.Reason) -> [AuditHead] {
        guard let first = lines.first else { return [] }
        try check()
        if isNewFileDue(for: lines) { try begin(time: first.time) }
        guard var target = current else { throw .missing }
        var next = chain
        var heads: [AuditHead] = []
        heads.reserveCapacity(lines.count)
        buffer.removeAll(keepingCapacity: true)
        for line in lines {
            next.append(line.body, to: &buffer)
            heads.append(next.head)
        }
        defer { current = target }
        try target.append(buffer)
        target.hasEntries = true
        chain = next
        return heads
    }

    /// Makes sure that the file at the path is the open one, and as long as it was left.
    private mutating func check() throws(AuditError.Reason) {
        guard var target = current else { return }
        let (file, name, size, folder) = (target.file, target.name, target.size, folder)
        let open = try naming { () throws(FileFault) in try file.facts() }
        let there = try naming { () throws(FileFault) in try folder.facts(name) }
        guard let there else { throw .missing }
        guard there.isRegular, there.isSameFile(as: open) else { throw .replaced }
        guard open.size >= size else { throw .truncated }
        if target.isTorn {
            try naming { () throws(FileFault) in try file.truncate(to: size) }
            target.isTorn = false
            current = target
        } else if open.size > size {
            throw .replaced
        }
    }

    private func isNewFileDue(for lines: [QueuedLine]) -> Bool {
        guard let current, let first = lines.first else { return true }
        guard current.hasEntries else { return false }
        let bytes = lines.reduce(0) { $0 + Int64($1.body.count) + 110 }
        return current.size + bytes > settings.fileBytes
            || Timestamp.clamped(first.time) - current.begun >= settings.fileAge
    }

    /// Begins a new file, whose header binds it to the chain. The old one is made durable first.
    private mutating func begin(time: Int64, after sequence: UInt64 = 0) throws(AuditError.Reason) {
        let folder = folder
        if let old = current?.file, (try? old.sync()) == nil { throw .inputOutput }
        var next = chain
        next.leaveOut(through: sequence)
        let name = LogFileName.of(first: next.head.sequence + 1)
        buffer.removeAll(keepingCapacity: true)
        next.appendHeader(time: time, to: &buffer)
        let opened = try naming { () throws(FileFault) in try folder.open(name, .creating) }
        var target = CurrentFile(name: name, file: opened, size: 0, begun: Timestamp.clamped(time), hasEntries: false)
        do throws(AuditError.Reason) {
            try target.append(buffer)
            let isThere = try naming { () throws(FileFault) in
                try opened.sync()
                try folder.sync()
                return try folder.facts(name)?.isSameFile(as: try opened.facts()) ?? false
            }
            guard isThere else { throw .missing }
        } catch {
            // It holds no entry; left behind, it would stand in the way of the next attempt.
            try? folder.remove(name)
            throw error
        }
        chain = next
        current = target
    }
}

extension LogWriter.CurrentFile {
    /// Writes all of `bytes`, or nothing that would stay: what a failed write left is cut off, now or before the next.
    fileprivate mutating func append(_ bytes: [UInt8]) throws(AuditError.Reason) {
        do throws(FileFault) {
            var done = 0
            while done < bytes.count {
                let written = try file.write(bytes, from: done)
                guard written > 0 else { throw FileFault(code: 0) }
                done += written
            }
        } catch {
            isTorn = (try? file.truncate(to: size)) == nil
            throw error.reason
        }
        size += Int64(bytes.count)
    }
}

extension AuditError.Reason: Error {}
