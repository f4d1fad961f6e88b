/// Where an existing log left off, found from the end of its last file alone.
struct ResumedLog: Sendable {
    let chain: LineChain
    /// The last file, or nil where there is none yet.
    let file: LogWriter.CurrentFile?
    /// Bytes of an unfinished line that were cut off.
    let repairedBytes: Int

    /// Reads the end of the log in `folder`, and cuts off what a crash left after its last whole line.
    ///
    /// A last file without a whole line holds no entry and is removed. Whole lines are never removed: if the last one
    /// does not fit the chain, the log is damaged, and that is for a person to look at.
    ///
    /// - Parameter sink: stands in errors.
    /// - Throws: ``AuditError``; with ``AuditError/Reason/damaged`` it says where.
    init(in folder: any LogFolder, sink: String = "file") throws(AuditError) {
        do throws(Fault) { try self.init(in: folder) } catch {
            switch error {
            case .reason(let reason): throw AuditError(sink: sink, reason)
            case .damaged(let damage): throw AuditError(sink: sink, .damaged, damage: damage)
            }
        }
    }

    private enum Fault: Error {
        case reason(AuditError.Reason)
        case damaged(AuditError.Damage)
    }

    private init(in folder: any LogFolder) throws(Fault) {
        var repaired = 0
        var files = LogFileName.logFiles(in: try Self.naming { () throws(FileFault) in try folder.names() })
        while let last = files.popLast() {
            let (file, size, end) = try Self.naming { () throws(FileFault) in
                let file = try folder.open(last.name, .appending)
                let size = try file.facts().size
                return (file, size, try Self.endOfLines(file, size: size))
            }
            guard end > 0 else {
                repaired += Int(size)
                try Self.naming { () throws(FileFault) in try folder.remove(last.name) }
                continue
            }
            let resumed = try Self.read(last, file, end: end)
            try Self.naming { () throws(FileFault) in
                if end < size { try file.truncate(to: end) }
                try file.sync()
            }
            (chain, self.file) = resumed
            repairedBytes = repaired + Int(size - end)
            return
        }
        chain = LineChain(head: .start, link: .zero)
        file = nil
        repairedBytes = repaired
    }

    private static func read(_ named: (name: String, first: UInt64), _ file: any LogFile, end: Int64)
        throws(Fault) -> (LineChain, LogWriter.CurrentFile)
    {
        let start = try Self.naming { () throws(FileFault) in try file.read(at: 0, count: AuditEntry.lineLimit) }
        guard let length = start.firstIndex(of: 0x0A), let header = LogLine(start, 0..<length),
            case .header(let after, let previous) = header.position, after + 1 == named.first,
            let begun = Timestamp.parse(start[(header.covered.upperBound - 25)..<(header.covered.upperBound - 1)])
        else { throw .damaged(.init(file: named.name, sequence: nil)) }
        let before = AuditHead(sequence: after, hash: previous)
        let hasEntries = end > Int64(length) + 1
        let chain =
            hasEntries ? try lastEntry(of: file, named.name, end: end) : LineChain(head: before, link: header.hash)
        guard chain.head.sequence >= after else {
            throw .damaged(.init(file: named.name, sequence: chain.head.sequence))
        }
        let current = LogWriter.CurrentFile(
            name: named.name, file: file, size: end, begun: begun, hasEntries: hasEntries)
        return (chain, current)
    }

    /// The chain after the last line, which must follow from the line before it.
    private static func lastEntry(
        of file: any LogFile, _ name: String, end: Int64
    ) throws(Fault) -> LineChain {
        let count = min(end, Int64(2 * AuditEntry.lineLimit))
        let bytes = try Self.naming { () throws(FileFault) in try file.read(at: end - count, count: Int(count)) }
        let breaks = bytes.indices.filter { bytes[$0] == 0x0A }
        guard breaks.count >= 2, let last = breaks.last else { throw .damaged(.init(file: name, sequence: nil)) }
        let middle = breaks[breaks.count - 2]
        let start = breaks.count > 2 ? breaks[breaks.count - 3] + 1 : 0
        var scratch: [UInt8] = []
        let before = LogLine(bytes, start..<middle)
        let line = LogLine(bytes, (middle + 1)..<last)
        guard let line, case .entry(let sequence) = line.position, let before,
            line.expectedHash(after: before.hash, in: bytes, scratch: &scratch) == line.hash
        else {
            throw .damaged(.init(file: name, sequence: line?.sequence ?? before?.sequence.map { $0 + 1 }))
        }
        return LineChain(head: AuditHead(sequence: sequence, hash: line.hash), link: line.hash)
    }

    private static func naming<R>(_ body: () throws(FileFault) -> R) throws(Fault) -> R {
        do throws(FileFault) { return try body() } catch { throw .reason(error.reason) }
    }

    /// The offset after the last line break, 0 where there is none.
    private static func endOfLines(_ file: any LogFile, size: Int64) throws(FileFault) -> Int64 {
        var end = size
        while end > 0 {
            let start = max(0, end - 65_536)
            let bytes = try file.read(at: start, count: Int(end - start))
            if let index = bytes.lastIndex(of: 0x0A) { return start + Int64(index) + 1 }
            end = start
        }
        return 0
    }
}
