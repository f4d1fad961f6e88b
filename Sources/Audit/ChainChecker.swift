/// Follows a chain line by line. Pure: the lines come from anywhere.
struct ChainChecker {
    private(set) var result = AuditVerification()
    /// The hash of the last line.
    private(set) var link: AuditHash = .zero
    private var anchors: ArraySlice<AuditHead>
    private var places: AcceptedPlaces
    private let mayBeginLater: Bool
    /// What is passed over: an accepted break.
    private var stretch: AcceptedStretch?
    /// The last known head that was met.
    private var vouched: UInt64 = 0
    private var scratch: [UInt8] = []
    private var file: String?
    private var isHeaderDue = false
    /// Headers of the vault's own that leave numbers out, as far as they were met.
    private(set) var jumps: Set<AuditHead> = []
    /// What is wrong with the file's name, which the header may explain.
    private var misnamed: AuditFinding.Problem?

    /// - Parameters:
    ///   - anchors: heads that are known from elsewhere.
    ///   - accepted: breaks that are passed over. All that is known of the log at each has to be as it was.
    ///   - mayBeginLater: whether the first files may be missing.
    init(anchors: [AuditHead], accepted: [AcceptedBreak] = [], mayBeginLater: Bool) {
        let known = anchors + accepted.flatMap { [$0.place.before, $0.entry] }
        self.anchors = Set(known.filter { $0.sequence > 0 }).sorted { $0.sequence < $1.sequence }[...]
        self.mayBeginLater = mayBeginLater
        places = AcceptedPlaces(accepted)
        pass(places.passing(.start))
    }

    /// Passes over accepted breaks, and looks for no head: of what was known some may be gone by now.
    init(passing accepted: [AcceptedBreak]) {
        anchors = []
        mayBeginLater = false
        places = AcceptedPlaces(accepted)
        pass(places.passing(.start))
    }

    /// Whether an accepted break is being passed over.
    var isPassing: Bool { stretch != nil }

    /// Goes on after a problem, from the line with the hash `link`, the last entry up to which is `head`.
    mutating func resume(at head: AuditHead, link: AuditHash) {
        result.finding = nil
        result.head = head
        self.link = link
        isHeaderDue = false
        misnamed = nil
        pass(places.passing(head))
    }

    /// A file comes next.
    mutating func begin(file name: String, first: UInt64) {
        let next = result.head.sequence + 1
        file = name
        isHeaderDue = true
        result.files += 1
        stretch?.beginFile()
        misnamed = nil
        if stretch != nil || result.files == 1 && mayBeginLater { return }
        if first > next { misnamed = .missing } else if first < next { misnamed = .misplaced }
    }

    /// A line comes next; false: there is no need for more.
    mutating func take(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        guard result.finding == nil else { return false }
        let line = LogLine(bytes, range)
        guard stretch == nil else { return skip(line, bytes, range) }
        guard let problem = look(line, bytes) else { return result.finding == nil }
        guard result.finding == nil else { return false }
        guard passOver(problem) else { return fail(problem) }
        return skip(line, bytes, range)
    }

    /// Takes a line as it stands, and goes on from it: what came before is not looked at.
    mutating func believe(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        guard let line = LogLine(bytes, range) else { return fail(.malformed) }
        guard case .entry(let sequence) = line.position else { return take(bytes, range) }
        isHeaderDue = false
        misnamed = nil
        link = line.hash
        result.first = sequence
        result.head = AuditHead(sequence: sequence, hash: line.hash)
        return passAnchors()
    }

    /// The file ended with bytes that are no line.
    mutating func unfinished(_ bytes: UInt64, isLastFile: Bool) {
        guard result.finding == nil, bytes > 0 else { return }
        if isLastFile {
            result.unfinishedBytes = bytes
        } else if stretch == nil, !passOver(.malformed) {
            fail(.malformed)
        }
    }

    /// The file has ended.
    mutating func endFile(isLastFile: Bool) {
        guard result.finding == nil, isHeaderDue, stretch == nil else { return }
        guard let problem = misnamed ?? (isLastFile ? nil : .malformed) else { return }
        if !passOver(problem) { fail(problem) }
    }

    /// The log has ended.
    mutating func finish() -> AuditVerification {
        if result.finding == nil, let stretch { stretch.fail(&result) }
        if result.finding == nil, !anchors.isEmpty { fail(.cut) }
        return result
    }

    /// Takes a line that is as it should be; else says what is wrong.
    private mutating func look(_ line: LogLine?, _ bytes: [UInt8]) -> AuditFinding.Problem? {
        guard let line else { return misnamed ?? .malformed }
        let problem =
            switch line.position {
            case .header(let after, let hash): takeHeader(AuditHead(sequence: after, hash: hash), line, bytes)
            case .entry(let sequence): takeEntry(sequence, line, bytes)
            }
        if problem == nil { result.bytes += UInt64(line.covered.count + LogLine.tail) + 1 }
        return problem
    }

    private mutating func takeHeader(
        _ before: AuditHead, _ line: LogLine, _ bytes: [UInt8]
    ) -> AuditFinding.Problem? {
        guard isHeaderDue else { return .misplaced }
        let isJump = places.isJump(AuditHead(sequence: before.sequence, hash: line.hash))
        if isJump, before.sequence > result.head.sequence, before.hash == result.head.hash {
            misnamed = LogFileName.of(first: before.sequence + 1) == file ? nil : .misplaced
        }
        if let misnamed { return misnamed }
        if result.files == 1, mayBeginLater {
            guard LogFileName.of(first: before.sequence + 1) == file else { return .misplaced }
            result.first = before.sequence + 1
            result.head = before
            guard passAnchors() else { return nil }
        }
        if before.sequence > result.head.sequence, !isJump { return .missing }
        if before.sequence < result.head.sequence { return .misplaced }
        guard before.hash == result.head.hash else { return .altered }
        guard line.expectedHash(after: before.hash, in: bytes, scratch: &scratch) == line.hash else { return .altered }
        isHeaderDue = false
        link = line.hash
        result.head = before
        if isJump { jumps.insert(AuditHead(sequence: before.sequence, hash: line.hash)) }
        return nil
    }

    private mutating func takeEntry(
        _ sequence: UInt64, _ line: LogLine, _ bytes: [UInt8]
    ) -> AuditFinding.Problem? {
        let next = result.head.sequence + 1
        guard !isHeaderDue else { return misnamed ?? .malformed }
        if sequence > next { return .missing }
        if sequence < next { return .misplaced }
        guard line.expectedHash(after: link, in: bytes, scratch: &scratch) == line.hash else { return .altered }
        link = line.hash
        result.head = AuditHead(sequence: sequence, hash: line.hash)
        result.entries += 1
        if !places.isEmpty, places.entries[sequence] == line.hash {
            let whole = line.covered.lowerBound..<(line.covered.upperBound + LogLine.tail)
            result.acceptances[sequence] = AuditRecord(bytes, whole)
        }
        _ = passAnchors()
        return nil
    }

    /// Begins to pass over an accepted break; false: nobody accepted what is here.
    private mutating func passOver(_ problem: AuditFinding.Problem) -> Bool {
        guard let accepted = places.inChain(after: result.head), let after = accepted.place.after else { return false }
        result.accepted.append(accepted)
        stretch = AcceptedStretch(place: accepted.place, after: after, link: link, file: file)
        return true
    }

    /// Passes over a line of an accepted break, up to the one that is taken as it stands.
    private mutating func skip(_ line: LogLine?, _ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        guard let end = stretch?.end(at: line, bytes, &scratch) else { return true }
        let last = stretch?.place.last ?? 0
        stretch = nil
        isHeaderDue = false
        misnamed = nil
        link = end.link
        result.head = end.head
        dropAnchors(through: last)
        pass(places.passing(AuditHead(sequence: last, hash: end.head.hash)))
        return end.takesLine ? take(bytes, range) : passAnchors()
    }

    /// Takes note of accepted losses. What was known of the entries that were lost is not looked for.
    private mutating func pass(_ passed: [AcceptedBreak]) {
        result.accepted += passed
        for one in passed { dropAnchors(through: one.place.last) }
    }

    private mutating func dropAnchors(through last: UInt64) {
        while let anchor = anchors.first, anchor.sequence <= last {
            if anchor == result.head { result.headsFound += 1 }
            anchors.removeFirst()
        }
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
        if !places.isEmpty { pass(places.passing(result.head)) }
        return true
    }

    @discardableResult
    private mutating func fail(_ problem: AuditFinding.Problem) -> Bool {
        if result.finding == nil { result.finding = AuditFinding(problem, result.head.sequence + 1, file: file) }
        return false
    }
}
