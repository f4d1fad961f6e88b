internal import Synchronization

/// What is known of all files of a log, so that a search need not read them: kept in memory for the file that is being
/// written, and beside each closed file in an ``IndexFile``.
///
/// All of it can be made again from the log. One thread at a time makes it; searches take what is there.
final class LogIndex: Sendable {
    private struct Known {
        var facts: FileFacts
        var index: FileIndex
    }

    private struct State {
        /// The first entry of the file being written, that file, and what is known of it.
        var live: (first: UInt64, known: Known)?
        /// Indexes of closed files that were read or made, as many as ``mostCached`` allows.
        var closed: [UInt64: Known] = [:]
        var cachedBytes = 0
        /// Closed files whose index file is known to fit.
        var sound: [UInt64: FileFacts] = [:]

        mutating func forget(_ first: UInt64) {
            cachedBytes -= closed.removeValue(forKey: first)?.index.footprint ?? 0
        }
    }

    private let state = Mutex(State())
    private let blockEntries: Int

    /// Bytes of indexes of closed files that are kept in memory.
    private static let mostCached = 32 << 20

    /// - Parameter blockEntries: lines in a block.
    init(blockEntries: Int) { self.blockEntries = blockEntries }

    /// Bytes of indexes of closed files that are in memory.
    var cachedBytes: Int { state.withLock { $0.cachedBytes } }

    // MARK: Asking

    /// The index of the file that begins with entry `first`, where one is there that fits the file.
    ///
    /// - Parameter key: nil: index files are not believed.
    func index(
        of first: UInt64, _ file: any LogFile, _ facts: FileFacts, isLast: Bool, in folder: any LogFolder,
        key: AuditIndexKey?
    ) -> FileIndex? {
        if isLast {
            let live = state.withLock { $0.live?.first == first ? $0.live?.known : nil }
            return live.flatMap { Self.fits($0, file, facts) ? $0.index : nil }
        }
        if let known = state.withLock({ $0.closed[first] }), known.facts == facts { return known.index }
        guard let key, let index = Self.read(first, file, facts, in: folder, key: key) else { return nil }
        remember(first, Known(facts: facts, index: index))
        return index
    }

    /// Whether the file is still the one, and has not been cut or written anew: its last line that is covered is there.
    private static func fits(_ known: Known, _ file: any LogFile, _ facts: FileFacts) -> Bool {
        guard facts.isSameFile(as: known.facts), facts.size >= known.index.covered else { return false }
        return hasLine(known.index, file)
    }

    private static func hasLine(_ index: FileIndex, _ file: any LogFile) -> Bool {
        guard index.covered > 0 else { return true }
        var end: [UInt8] = []
        index.lastHash.appendHex(to: &end)
        end += Array("\"}\n".utf8)
        let start = index.covered - Int64(end.count)
        guard start >= 0, let bytes = try? file.read(at: start, count: end.count) else { return false }
        return bytes == end
    }

    private static func read(
        _ first: UInt64, _ file: any LogFile, _ facts: FileFacts, in folder: any LogFolder, key: AuditIndexKey
    ) -> FileIndex? {
        guard let beside = try? folder.open(IndexFile.name(of: first), .reading), let size = try? beside.facts().size,
            size <= IndexFile.mostBytes, let bytes = try? beside.read(at: 0, count: Int(size)),
            let index = IndexFile.decode(bytes, of: facts, key: key), hasLine(index, file)
        else { return nil }
        return index
    }

    private func forget(_ first: UInt64) { state.withLock { $0.forget(first) } }

    private func remember(_ first: UInt64, _ known: Known) {
        state.withLock { state in
            state.forget(first)
            while state.cachedBytes + known.index.footprint > Self.mostCached, let oldest = state.closed.keys.min() {
                state.forget(oldest)
            }
            guard known.index.footprint <= Self.mostCached else { return }
            state.closed[first] = known
            state.cachedBytes += known.index.footprint
        }
    }

    // MARK: Making

    /// Takes in what has been added to the log, and makes or mends the index file of a closed file, until `isOver`.
    ///
    /// For one thread at a time.
    ///
    /// - Parameters:
    ///   - through: the last entry that is known to be written for good.
    ///   - mayWrite: whether there is space for index files.
    /// - Returns: whether all that could be done is done.
    func advance(
        in folder: any LogFolder, through: UInt64, key: AuditIndexKey, mayWrite: Bool, isOver: () -> Bool
    ) throws(FileFault) -> Bool {
        let names = try folder.names()
        let files = LogFileName.logFiles(in: names)
        for (position, item) in files.enumerated().reversed() {
            if position + 1 == files.count {
                try follow(item, in: folder, through: through)
            } else {
                try settle(item, in: folder, key: key, mayWrite: mayWrite)
            }
            if isOver() { return position == 0 }
        }
        try clear(names, of: files, in: folder)
        return true
    }

    /// Takes in what has been added to the file being written.
    private func follow(_ item: (name: String, first: UInt64), in folder: any LogFolder, through: UInt64)
        throws(FileFault)
    {
        let file = try folder.open(item.name, .reading)
        let facts = try file.facts()
        let known = state.withLock { $0.live?.first == item.first ? $0.live?.known : nil }
        var index = FileIndex()
        if let known, Self.fits(known, file, facts) { index = known.index }
        let covered = max(index.last, item.first - 1)
        guard through >= covered + UInt64(blockEntries) || index.covered == 0 else { return }
        let part = try build(after: index, file, facts, through: through, isWhole: false)
        index.append(part)
        state.withLock { $0.live = (item.first, Known(facts: facts, index: index)) }
    }

    /// Sees to it that a closed file has an index file that fits.
    private func settle(
        _ item: (name: String, first: UInt64), in folder: any LogFolder, key: AuditIndexKey, mayWrite: Bool
    ) throws(FileFault) {
        guard let named = try folder.facts(item.name), state.withLock({ $0.sound[item.first] }) != named else { return }
        let file = try folder.open(item.name, .reading)
        let facts = try file.facts()
        if Self.read(item.first, file, facts, in: folder, key: key) == nil {
            let index: FileIndex
            if let known = state.withLock({ $0.closed[item.first] }), known.facts == facts {
                index = known.index
            } else {
                // Read from its first line, whatever was known of it while it was written: somebody may have been at it.
                index = try build(after: FileIndex(), file, facts, through: .max, isWhole: true)
                // Until it lies beside its file, from where a search reads it.
                remember(item.first, Known(facts: facts, index: index))
            }
            guard mayWrite else { return }
            try Self.write(IndexFile.encode(index, of: facts, key: key), IndexFile.name(of: item.first), in: folder)
            forget(item.first)
        }
        state.withLock { $0.sound[item.first] = facts }
    }

    private func build(
        after index: FileIndex, _ file: any LogFile, _ facts: FileFacts, through: UInt64, isWhole: Bool
    ) throws(FileFault) -> FileIndex {
        var builder = IndexBuilder(after: index, blockEntries: blockEntries)
        var last: ([UInt8], Range<Int>)?
        try LogLines(file: file, end: facts.size).forward(from: index.covered) { bytes, range throws(FileFault) in
            if through != .max, let sequence = IndexBuilder.sequence(bytes, range), sequence > through { return false }
            builder.take(bytes, range)
            if isWhole { last = (bytes, range) }
            return true
        }
        if let last { builder.finish(lastLine: last.0, last.1) }
        return builder.part
    }

    /// Writes an index file. A torn one is told by its last bytes, so nothing is synced.
    private static func write(_ bytes: [UInt8], _ name: String, in folder: any LogFolder) throws(FileFault) {
        if try folder.facts(name) != nil { try folder.remove(name) }
        let file = try folder.open(name, .creating)
        do throws(FileFault) {
            var done = 0
            while done < bytes.count { done += try file.write(bytes, from: done) }
        } catch {
            try? folder.remove(name)
            throw error
        }
    }

    /// Removes index files of log files that are gone.
    private func clear(
        _ names: [String], of files: [(name: String, first: UInt64)], in folder: any LogFolder
    ) throws(FileFault) {
        let wanted = Set(files.dropLast().map { IndexFile.name(of: $0.first) })
        for name in names where name.hasPrefix(IndexFile.prefix) && !wanted.contains(name) {
            guard name.utf8.count == IndexFile.prefix.utf8.count + 16 else { continue }
            try folder.remove(name)
        }
        let firsts = Set(files.map(\.first))
        state.withLock { state in
            state.sound = state.sound.filter { firsts.contains($0.key) }
            for gone in state.closed.keys where !firsts.contains(gone) {
                state.cachedBytes -= state.closed.removeValue(forKey: gone)?.index.footprint ?? 0
            }
        }
    }
}
