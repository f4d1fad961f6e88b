/// Follows a chain line by line. Pure: the lines come from anywhere.
struct ChainChecker {
    private(set) var result = AuditVerification()
    private var link: AuditHash = .zero
    private var anchors: ArraySlice<AuditHead>
    private let mayBeginLater: Bool
    /// The last known head that was met.
    private var vouched: UInt64 = 0
    private var scratch: [UInt8] = []
    private var file: String?
    private var isHeaderDue = false

    /// - Parameters:
    ///   - anchors: heads that are known from elsewhere.
    ///   - mayBeginLater: whether the first files may be missing.
    init(anchors: [AuditHead], mayBeginLater: Bool) {
        self.anchors = anchors.filter { $0.sequence > 0 }.sorted { $0.sequence < $1.sequence }[...]
        self.mayBeginLater = mayBeginLater
    }

    /// A file comes next.
    mutating func begin(file name: String, first: UInt64) {
        let next = result.head.sequence + 1
        file = name
        isHeaderDue = true
        result.files += 1
        if result.files == 1, mayBeginLater { return }
        if first > next { fail(.missing) } else if first < next { fail(.misplaced) }
    }

    /// A line comes next; false: there is no need for more.
    mutating func take(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        guard result.finding == nil else { return false }
        guard let line = LogLine(bytes, range) else { return fail(.malformed) }
        switch line.position {
        case .header(let after, let hash):
            guard takeHeader(AuditHead(sequence: after, hash: hash), line, bytes) else { return false }
        case .entry(let sequence):
            guard takeEntry(sequence, line, bytes) else { return false }
        }
        result.bytes += UInt64(range.count) + 1
        return true
    }

    /// Takes a line as it stands, and goes on from it: what came before is not looked at.
    mutating func believe(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        guard let line = LogLine(bytes, range) else { return fail(.malformed) }
        guard case .entry(let sequence) = line.position else { return take(bytes, range) }
        isHeaderDue = false
        link = line.hash
        result.first = sequence
        result.head = AuditHead(sequence: sequence, hash: line.hash)
        return passAnchors()
    }

    /// The file ended with bytes that are no line.
    mutating func unfinished(_ bytes: UInt64, isLastFile: Bool) {
        guard result.finding == nil, bytes > 0 else { return }
        if isLastFile { result.unfinishedBytes = bytes } else { fail(.malformed) }
    }

    /// The file has ended.
    mutating func endFile(isLastFile: Bool) {
        guard result.finding == nil, isHeaderDue, !isLastFile else { return }
        fail(.malformed)
    }

    /// The log has ended.
    mutating func finish() -> AuditVerification {
        if result.finding == nil, !anchors.isEmpty { fail(.cut) }
        return result
    }

    private mutating func takeHeader(_ before: AuditHead, _ line: LogLine, _ bytes: [UInt8]) -> Bool {
        guard isHeaderDue else { return fail(.misplaced) }
        isHeaderDue = false
        if result.files == 1, mayBeginLater {
            guard LogFileName.of(first: before.sequence + 1) == file else { return fail(.misplaced) }
            result.first = before.sequence + 1
            result.head = before
            guard passAnchors() else { return false }
        }
        if before.sequence > result.head.sequence { return fail(.missing) }
        if before.sequence < result.head.sequence { return fail(.misplaced) }
        guard before.hash == result.head.hash else { return fail(.altered) }
        guard line.expectedHash(after: before.hash, in: bytes, scratch: &scratch) == line.hash else {
            return fail(.altered)
        }
        link = line.hash
        return true
    }

    private mutating func takeEntry(_ sequence: UInt64, _ line: LogLine, _ bytes: [UInt8]) -> Bool {
        let next = result.head.sequence + 1
        guard !isHeaderDue else { return fail(.malformed) }
        if sequence > next { return fail(.missing) }
        if sequence < next { return fail(.misplaced) }
        guard line.expectedHash(after: link, in: bytes, scratch: &scratch) == line.hash else { return fail(.altered) }
        link = line.hash
        result.head = AuditHead(sequence: sequence, hash: line.hash)
        result.entries += 1
        return passAnchors()
    }

    /// Compares the head with what is known of it from elsewhere.
    private mutating func passAnchors() -> Bool {
        while let anchor = anchors.first, anchor.sequence <= result.head.sequence {
            if anchor.sequence == result.head.sequence {
                guard anchor.hash == result.head.hash else {
                    result.finding = AuditFinding(.rewritten, vouched + 1, through: anchor.sequence, file: file)
                    return false
                }
                vouched = anchor.sequence
                result.headsFound += 1
            }
            anchors.removeFirst()
        }
        return true
    }

    @discardableResult
    private mutating func fail(_ problem: AuditFinding.Problem) -> Bool {
        if result.finding == nil { result.finding = AuditFinding(problem, result.head.sequence + 1, file: file) }
        return false
    }
}
