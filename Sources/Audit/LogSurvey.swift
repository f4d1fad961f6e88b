/// Looks through all of a log for the places where its chain is broken, and where it can be taken up again after each.
///
/// A break ends at the first of these lines: one that follows from the line before the break, so that something was only put
/// in; a file's header that is sound in itself; a later entry than the last good one from which the line after it follows.
struct LogSurvey {
    /// The breaks that were not known, in the order of the chain. The last may have no end in what was read.
    private(set) var breaks: [AuditBreak] = []
    /// The last entry before the first of those that are known to be gone.
    private(set) var beforeLost: AuditHead = .start
    /// The highest number of an entry in a part of the chain that is sound.
    private(set) var highest: UInt64 = 0
    private var checker: ChainChecker
    private let firstLost: UInt64
    private let most: Int
    private var search: BreakSearch?
    private var file: String?
    private var isFirstLine = false

    /// - Parameters:
    ///   - known: breaks that were accepted before.
    ///   - firstLost: the first entry that is known to be gone; nil: none is.
    ///   - most: breaks that are told apart; the last has in it what comes then. At least one.
    init(known: [AcceptedBreak], firstLost: UInt64?, most: Int) {
        checker = ChainChecker(passing: known)
        self.firstLost = firstLost ?? 0
        self.most = most
    }

    /// The known breaks that are still there.
    var kept: [AcceptedBreak] {
        checker.result.accepted.filter { known in
            guard known.place.isInNumbers, let jump = known.place.after else { return true }
            return checker.jumps.contains(jump)
        }
    }

    mutating func begin(file name: String, first: UInt64) {
        file = name
        isFirstLine = true
        checker.begin(file: name, first: first)
        search?.beginFile()
    }

    mutating func take(_ bytes: [UInt8], _ range: Range<Int>) {
        defer { isFirstLine = false }
        if search == nil {
            if checker.take(bytes, range) { return note() }
            beginSearch()
        }
        guard let end = search?.end(at: LogLine(bytes, range), bytes, in: isFirstLine ? file : nil) else { return }
        finishSearch(end.after)
        checker.resume(at: end.head, link: end.after.hash)
        note()
        if end.takesLine, !checker.take(bytes, range) { beginSearch() } else { note() }
    }

    mutating func endFile(rest: UInt64, isLastFile: Bool) {
        guard search == nil else { return }
        checker.unfinished(rest, isLastFile: isLastFile)
        checker.endFile(isLastFile: isLastFile)
        beginSearch()
    }

    /// - Returns: a known break whose end is not in the log any more, if there is one: then the survey says nothing.
    mutating func finish() -> AcceptedBreak? {
        if search != nil { finishSearch(nil) }
        return checker.isPassing ? checker.result.accepted.last : nil
    }

    private mutating func note() {
        highest = max(highest, checker.result.head.sequence)
        if checker.result.head.sequence < firstLost { beforeLost = checker.result.head }
    }

    private mutating func beginSearch() {
        guard let problem = checker.result.finding?.problem else { return }
        search = BreakSearch(problem: problem, before: checker.result.head, link: checker.link)
    }

    private mutating func finishSearch(_ after: AuditHead?) {
        guard let search else { return }
        self.search = nil
        if breaks.count >= max(1, most) {
            breaks[breaks.count - 1].after = after
        } else {
            breaks.append(AuditBreak(search.problem, before: search.before, after: after))
        }
    }
}

/// Looks for the line after which a chain can be checked again.
private struct BreakSearch {
    let problem: AuditFinding.Problem
    let before: AuditHead
    private let link: AuditHash
    private var isInLaterFile = false
    /// The line before, and what the head is after it.
    private var previous: (head: AuditHead, after: AuditHead)?
    private var scratch: [UInt8] = []

    init(problem: AuditFinding.Problem, before: AuditHead, link: AuditHash) {
        self.problem = problem
        self.before = before
        self.link = link
    }

    struct End {
        var head: AuditHead
        /// The line that is taken as it stands.
        var after: AuditHead
        /// Whether the line that was looked at is the first to be checked.
        var takesLine: Bool
    }

    mutating func beginFile() {
        isInLaterFile = true
        previous = nil
    }

    /// - Parameter file: the name of the file whose first line it is.
    mutating func end(at line: LogLine?, _ bytes: [UInt8], in file: String?) -> End? {
        guard let line else {
            previous = nil
            return nil
        }
        switch line.position {
        case .header(let sequence, let hash):
            let head = AuditHead(sequence: sequence, hash: hash)
            let after = AuditHead(sequence: sequence, hash: line.hash)
            guard let file, LogFileName.of(first: sequence + 1) == file else { return nil }
            previous = (head, after)
            guard line.expectedHash(after: hash, in: bytes, scratch: &scratch) == line.hash else { return nil }
            return End(head: head, after: after, takesLine: false)
        case .entry(let sequence):
            if !isInLaterFile, sequence == before.sequence + 1, follows(line, link, bytes) {
                return End(head: before, after: AuditHead(sequence: before.sequence, hash: link), takesLine: true)
            }
            if let previous, sequence == previous.head.sequence + 1, follows(line, previous.after.hash, bytes) {
                return End(head: previous.head, after: previous.after, takesLine: true)
            }
            let head = AuditHead(sequence: sequence, hash: line.hash)
            previous = sequence > before.sequence ? (head, head) : nil
            return nil
        }
    }

    private mutating func follows(_ line: LogLine, _ link: AuditHash, _ bytes: [UInt8]) -> Bool {
        line.expectedHash(after: link, in: bytes, scratch: &scratch) == line.hash
    }
}
