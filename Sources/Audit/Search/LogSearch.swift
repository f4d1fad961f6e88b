/// One search through the files of a log, newest first or oldest first.
///
/// Which blocks are read is up to the index; what is found is decided by the lines alone.
struct LogSearch {
    /// What a file's index says; nil where there is none that fits the file.
    typealias Lookup = (_ first: UInt64, _ file: any LogFile, _ facts: FileFacts, _ isLast: Bool) -> FileIndex?

    private let probe: FilterProbe
    private let limit: Int
    private let isNewestFirst: Bool
    private let isOver: () -> Bool
    private(set) var page = AuditPage()

    /// - Parameter isOver: whether it has taken long enough. At least one block with entries is looked at all the same.
    init(_ filter: AuditFilter, through: UInt64, isOver: @escaping () -> Bool) {
        probe = FilterProbe(filter, through: through)
        limit = max(1, filter.limit)
        isNewestFirst = filter.after == nil
        self.isOver = isOver
    }

    mutating func run(in folder: any LogFolder, index: Lookup) throws(FileFault) -> AuditPage {
        page.after = probe.filter.after ?? 0
        guard !probe.isEmpty else { return page }
        let files = LogFileName.logFiles(in: try folder.names())
        let order = Array(isNewestFirst ? Array(files.indices.reversed()) : Array(files.indices))
        for position in order {
            let first = files[position].first
            let last = position + 1 < files.count ? files[position + 1].first - 1 : .max
            guard first <= last, probe.concerns(first...last) else { continue }
            let file = try folder.open(files[position].name, .reading)
            let facts = try file.facts()
            let known = index(first, file, facts, position + 1 == files.count)
            guard try search(file, size: facts.size, known ?? FileIndex()) else { return page }
        }
        return page
    }

    /// Looks through one file; false: the page is done.
    private mutating func search(_ file: any LogFile, size: Int64, _ index: FileIndex) throws(FileFault) -> Bool {
        if isNewestFirst {
            guard try searchBackward(LogLines(file: file, end: size), from: index.covered) else { return false }
            for block in index.blocks.reversed() {
                guard try search(file, block, index) else { return false }
            }
        } else {
            for block in index.blocks {
                guard try search(file, block, index) else { return false }
            }
            guard try searchForward(LogLines(file: file, end: size), from: index.covered) else { return false }
        }
        return true
    }

    private mutating func search(
        _ file: any LogFile, _ block: IndexBlock, _ index: FileIndex
    ) throws(FileFault) -> Bool {
        guard probe.concerns(block.sequences) else { return true }
        if probe.mayMatch(block, index.words) {
            let bytes = try file.read(at: block.offset, count: block.length)
            guard look(bytes, 0..<bytes.count) else { return false }
        }
        return goOn(isNewestFirst ? block.sequences.lowerBound : block.sequences.upperBound)
    }

    /// Looks through what has no index, from the file's end back to `start`, where a line begins.
    private mutating func searchBackward(_ lines: LogLines, from start: Int64) throws(FileFault) -> Bool {
        var end = lines.end
        if let before = probe.filter.before, end - start > Self.stretch {
            end = min(end, max(start, try lines.offset(before: before) + Self.stretch))
        }
        var size = Self.stretch
        while end > start {
            let begin = max(start, end - size)
            let bytes = try lines.file.read(at: begin, count: Int(end - begin))
            // The first piece may be the end of a line; what is behind the last line break is a line that goes on.
            let firstLine = begin == start ? 0 : bytes.firstIndex(of: 0x0A).map { $0 + 1 }
            guard let firstLine, firstLine < bytes.count || begin == start else {
                size *= 2
                continue
            }
            guard look(bytes, firstLine..<bytes.count) else { return false }
            if let least = Self.outermost(bytes, firstLine..<bytes.count, isFirst: true) {
                guard goOn(least) else { return false }
            }
            end = begin + Int64(firstLine)
            size = Self.stretch
        }
        return true
    }

    /// Looks through what has no index, from `start` on, where a line begins.
    private mutating func searchForward(_ lines: LogLines, from start: Int64) throws(FileFault) -> Bool {
        var start = start
        if let after = probe.filter.after, lines.end - start > Self.stretch {
            start = max(start, try lines.offset(before: after))
        }
        var size = Self.stretch
        while start < lines.end {
            let bytes = try lines.file.read(at: start, count: Int(min(size, lines.end - start)))
            guard let lineEnd = bytes.lastIndex(of: 0x0A) else {
                guard start + Int64(bytes.count) < lines.end, !bytes.isEmpty else { return true }
                size *= 2
                continue
            }
            guard look(bytes, 0..<(lineEnd + 1)) else { return false }
            if let greatest = Self.outermost(bytes, 0..<(lineEnd + 1), isFirst: false) {
                guard goOn(greatest) else { return false }
            }
            start += Int64(lineEnd + 1)
            size = Self.stretch
        }
        return true
    }

    /// Takes note of how far the search has come; false: it has taken long enough, and is further than it began.
    private mutating func goOn(_ sequence: UInt64) -> Bool {
        if isNewestFirst {
            guard isOver(), sequence < probe.filter.before ?? .max else { return true }
            page.next = sequence
        } else {
            // An entry that is not acknowledged yet may give its sequence to another.
            page.after = max(page.after, min(sequence, probe.last))
            guard isOver(), page.after > probe.filter.after ?? 0 else { return true }
            page.hasMore = true
        }
        return false
    }

    /// Looks at the whole lines in `range`, of which the first byte begins one; false: the page is full, and there is more.
    private mutating func look(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        var goesOn = true
        guard !probe.needles.isEmpty else {
            ByteSearch.eachLine(in: bytes, range, backward: isNewestFirst) { line in
                goesOn = take(bytes, line)
                return goesOn
            }
            return goesOn
        }
        let lines = ByteSearch.lines(in: bytes, range, with: probe.needles)
        for position in lines.indices where goesOn {
            goesOn = take(bytes, lines[isNewestFirst ? lines.count - 1 - position : position])
        }
        return goesOn
    }

    private mutating func take(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        guard let line = LogLine(bytes, range) else {
            page.unreadable += 1
            return true
        }
        guard case .entry(let sequence) = line.position, probe.concerns(sequence) else { return true }
        page.examined += 1
        guard let fields = LineFields(bytes, range) else {
            page.unreadable += 1
            return true
        }
        guard probe.filter.matches(fields) else { return true }
        guard page.records.count < limit else {
            // One more than was asked for: so there is another page.
            if isNewestFirst { page.next = page.records.last?.sequence } else { page.hasMore = true }
            return false
        }
        if let record = AuditRecord(fields, sequence: sequence, hash: line.hash, line: bytes[range]) {
            page.records.append(record)
            if !isNewestFirst { page.after = sequence }
        } else {
            page.unreadable += 1
        }
        return true
    }

    /// The sequence of the first or the last line in `range` that has one.
    private static func outermost(_ bytes: [UInt8], _ range: Range<Int>, isFirst: Bool) -> UInt64? {
        var found: UInt64?
        ByteSearch.eachLine(in: bytes, range, backward: !isFirst) { line in
            found = IndexBuilder.sequence(bytes, line)
            return found == nil
        }
        return found
    }

    /// How much is read at a time where there is no index, in bytes.
    private static let stretch: Int64 = 1 << 20
}
