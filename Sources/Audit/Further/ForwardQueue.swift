/// Which lines a further sink has still to take, who waits for that, and when to try again.
///
/// Pure: time comes in, what to do goes out. The log's writer offers lines in the order of the chain; one thread gives
/// them to the sink and tells those who wait.
struct ForwardQueue: Sendable {
    typealias Completion = @Sendable (AuditError.Reason?) -> Void

    struct Line: Equatable, Sendable {
        let sequence: UInt64
        /// Milliseconds since 1970, and whether it tells of something that was not allowed: for formats that say so apart.
        let time: Int64
        let isAllowed: Bool
        /// The line as it stands in the file, without its break.
        let bytes: [UInt8]
    }

    struct Limits: Sendable {
        /// The most lines that wait, and the most bytes of them.
        var lines = 16_384
        var bytes = 8 << 20
        /// For so many milliseconds after a connection was lost, lines are awaited as if it were there: programs are
        /// restarted.
        var grace: Int64 = 1000
        /// After how many milliseconds an entry is refused, or everything where the sink takes nothing.
        var patience: Int64 = 2000
        /// Milliseconds between attempts to connect: the first pause, and the longest.
        var firstPause: Int64 = 50
        var longestPause: Int64 = 1000
        /// The most lines given to the sink at once.
        var batch = 256
    }

    /// What the sink's thread does next.
    enum Step: Sendable {
        case connect
        case send([Line])
        /// Nothing for so many milliseconds, unless woken.
        case wait(Int64)
        case leave
    }

    /// A completion that is due; to be called outside of any lock.
    struct Settled: Sendable {
        let completion: Completion
        let reason: AuditError.Reason?

        func complete() { completion(reason) }
    }

    private struct Waiter: Sendable {
        let sequence: UInt64
        let deadline: Int64
        let completion: Completion
    }

    let need: FurtherSink.Need
    let limits: Limits
    private(set) var isUp = false
    private(set) var failure: AuditError.Reason?
    private(set) var taken: UInt64 = 0
    private(set) var dropped: UInt64 = 0
    private var lines: [Line] = []
    private var bytes = 0
    /// The last line that the sink has taken, or that was dropped after the lines before it were taken.
    private var takenThrough: UInt64 = 0
    /// The lines that were dropped of late.
    private var gaps: [ClosedRange<UInt64>] = []
    private var waiters: [Waiter] = []
    /// Since when there is no connection, and since when the one that there is takes nothing.
    private var downSince: Int64?
    private var stuckSince: Int64?
    private var nextAttempt: Int64 = 0
    private var pause: Int64
    /// Whether something was taken since the connection was made.
    private var isProven = false
    private var closing: Int64?

    init(need: FurtherSink.Need, limits: Limits = Limits(), now: Int64) {
        self.need = need
        self.limits = limits
        pause = limits.firstPause
        downSince = now
    }

    var waiting: Int { lines.count }

    /// Why nothing that waits for this sink can be taken now; nil where it can, and always where it is not mandatory.
    func refusal(now: Int64) -> AuditError.Reason? {
        guard need == .mandatory else { return nil }
        if closing != nil { return .closed }
        if let downSince, downSince + limits.grace <= now { return failure ?? .unreachable }
        if let stuckSince, stuckSince + limits.patience <= now { return .blocked }
        return lines.count >= limits.lines || bytes >= limits.bytes ? .blocked : nil
    }

    // MARK: Those who write and wait

    /// Takes lines that stand in the file now. What there is no room for is dropped.
    mutating func offer(_ more: [Line]) {
        for line in more {
            guard lines.count < limits.lines, bytes + line.bytes.count <= limits.bytes else {
                drop(line.sequence...line.sequence)
                continue
            }
            lines.append(line)
            bytes += line.bytes.count
        }
    }

    /// Waits until the sink has taken line `sequence`, which was offered before.
    ///
    /// - Returns: what is known already.
    mutating func whenTaken(
        _ sequence: UInt64, until deadline: Int64, now: Int64, _ completion: @escaping Completion
    ) -> Settled? {
        if gaps.contains(where: { $0.contains(sequence) }) { return Settled(completion: completion, reason: .blocked) }
        if sequence <= takenThrough { return Settled(completion: completion, reason: nil) }
        if let reason = refusal(now: now) { return Settled(completion: completion, reason: reason) }
        waiters.append(Waiter(sequence: sequence, deadline: deadline, completion: completion))
        return nil
    }

    /// A run of dropped lines is kept as one gap. Of very many gaps the oldest are taken for one: rather refuse a line
    /// that was taken than let one pass that was not.
    private mutating func drop(_ range: ClosedRange<UInt64>) {
        dropped += UInt64(range.count)
        if let last = gaps.last, last.upperBound &+ 1 == range.lowerBound {
            gaps[gaps.count - 1] = last.lowerBound...range.upperBound
        } else {
            gaps.append(range)
        }
        if gaps.count > 64 { gaps.replaceSubrange(0...1, with: [gaps[0].lowerBound...gaps[1].upperBound]) }
    }

    // MARK: The sink's thread

    /// Refuses what has waited too long, and says what to do.
    mutating func step(now: Int64) -> (Step, [Settled]) {
        let settled = expire(now: now)
        if let closing, closing <= now || lines.isEmpty || !isUp && failure != nil {
            drop()
            let left = waiters.map { Settled(completion: $0.completion, reason: .closed) }
            waiters = []
            return (.leave, settled + left)
        }
        if !isUp {
            return (now >= nextAttempt ? .connect : .wait(wait(nextAttempt - now, now: now)), settled)
        }
        guard !lines.isEmpty else { return (.wait(Self.longestWait), settled) }
        return (.send(Array(lines.prefix(limits.batch))), settled)
    }

    /// Takes in how an attempt to connect went; nil: well.
    mutating func connected(_ reason: AuditError.Reason?, now: Int64) {
        guard let reason else {
            isUp = true
            isProven = false
            downSince = nil
            stuckSince = nil
            if lines.isEmpty { failure = nil }
            return
        }
        failure = reason
        putOff(now)
    }

    private mutating func putOff(_ now: Int64) {
        nextAttempt = now + pause
        pause = min(pause * 2, limits.longestPause)
    }

    /// Takes in that the sink has taken the first `count` lines.
    ///
    /// - Returns: whom to tell.
    mutating func sent(_ count: Int, now: Int64) -> [Settled] {
        guard count > 0 else {
            stuckSince = stuckSince ?? now
            return []
        }
        stuckSince = nil
        failure = nil
        isProven = true
        pause = limits.firstPause
        taken += UInt64(count)
        takenThrough = lines[count - 1].sequence
        bytes -= lines.prefix(count).reduce(0) { $0 + $1.bytes.count }
        lines.removeFirst(count)
        // Those who wait for a synced entry may come in another order than the lines.
        let done = waiters.filter { $0.sequence <= takenThrough }
        waiters.removeAll { $0.sequence <= takenThrough }
        return done.map { Settled(completion: $0.completion, reason: nil) }
    }

    /// Takes in that the connection is lost. The next attempt is made at once, unless the connection was good for nothing.
    mutating func lost(_ reason: AuditError.Reason, now: Int64) {
        guard isUp else { return }
        isUp = false
        failure = reason
        downSince = now
        stuckSince = nil
        if isProven { nextAttempt = now } else { putOff(now) }
    }

    /// Takes in that the first line cannot be taken by any means.
    mutating func dropFirst(_ reason: AuditError.Reason) -> [Settled] {
        guard let line = lines.first else { return [] }
        lines.removeFirst()
        bytes -= line.bytes.count
        drop(line.sequence...line.sequence)
        let refused = waiters.filter { $0.sequence == line.sequence }
        waiters.removeAll { $0.sequence == line.sequence }
        return refused.map { Settled(completion: $0.completion, reason: reason) }
    }

    /// Takes nothing more; what waits is still given to a sink that is connected, until `deadline`.
    ///
    /// - Returns: whether it was closed before.
    mutating func close(until deadline: Int64) -> Bool {
        defer { closing = closing ?? deadline }
        return closing != nil
    }

    private mutating func drop() {
        for line in lines { drop(line.sequence...line.sequence) }
        lines = []
        bytes = 0
    }

    private mutating func expire(now: Int64) -> [Settled] {
        let all = refusal(now: now)
        let late = waiters.filter { $0.deadline <= now || all != nil }
        guard !late.isEmpty else { return [] }
        waiters.removeAll { $0.deadline <= now || all != nil }
        let reason = all ?? (isUp ? .blocked : failure ?? .unreachable)
        if isUp { failure = reason }
        return late.map { Settled(completion: $0.completion, reason: reason) }
    }

    /// At most `most` milliseconds, and no longer than until somebody has waited too long.
    private func wait(_ most: Int64, now: Int64) -> Int64 {
        var ends = [now + most, now + Self.longestWait]
        ends += waiters.map(\.deadline)
        if !waiters.isEmpty, let downSince { ends.append(downSince + limits.grace) }
        return max(1, (ends.min() ?? now) - now)
    }

    /// A connection is looked at so often, in milliseconds, though there is nothing to send.
    static let longestWait: Int64 = 1000
}
