@testable import Audit
import Dispatch
import Synchronization

/// An audit log in memory: it keeps every entry, and refuses when it is told to.
final class TestLog: AuditSink {
    fileprivate struct State {
        var entries: [AuditEntry] = []
        var chain = LineChain(head: .start, link: .zero)
        /// Every line since the beginning, as the file would have it.
        var file: [[UInt8]] = []
        var checkpoints: [String] = []
        var unreadable: AuditError.Reason?
        var gate: VerificationGate?
        var failure: AuditError.Reason?
        /// Whether there is room for those alone who may use the reserve.
        var isFullButReserve = false
        /// How many entries are taken before `failure` begins.
        var takes = 0
        var reserved: [Bool] = []
        var durabilities: [AuditDurability] = []
    }

    fileprivate let state = Mutex(State())

    /// What was written since ``forget()``.
    var entries: [AuditEntry] { state.withLock { $0.entries } }

    /// The entries in brief: `intent write payments/stripe`, `request refused list refused`.
    var lines: [String] { entries.map(\.brief) }

    /// Everything that is in the log, as the file would have it.
    var text: String { entries.map { String(decoding: $0.lineBody, as: UTF8.self) }.joined(separator: "\n") }

    /// Whether the reserve was allowed for each entry.
    var usedReserve: [Bool] { state.withLock { $0.reserved } }
    var synced: [Bool] {
        state.withLock { state in
            state.durabilities.map { durability in
                if case .synced = durability { return true }
                return false
            }
        }
    }

    /// Refuses every entry, after `takes` more have been taken.
    func fail(_ reason: AuditError.Reason = .full, after takes: Int = 0) {
        state.withLock { state in
            state.failure = reason
            state.takes = takes
        }
    }

    /// Refuses from now on all entries but those that may use the reserve.
    func fillButReserve() { state.withLock { $0.isFullButReserve = true } }

    func recover() { state.withLock { $0.failure = nil } }

    func forget() {
        state.withLock { state in
            state.entries = []
            state.reserved = []
            state.durabilities = []
        }
    }

    // MARK: AuditSink

    func append(
        _ entry: AuditEntry, durability: AuditDurability, mayUseReserve: Bool,
        completion: @escaping @Sendable (Result<AuditReceipt, AuditError>) -> Void
    ) {
        completion(
            state.withLock { state in
                if let failure = state.failure {
                    guard state.takes > 0 else { return .failure(AuditError(sink: "test", failure)) }
                    state.takes -= 1
                }
                if state.isFullButReserve, !mayUseReserve { return .failure(AuditError(sink: "test", .full)) }
                state.entries.append(entry)
                state.reserved.append(mayUseReserve)
                state.durabilities.append(durability)
                state.write(entry)
                return .success(state.chain.head)
            })
    }

    func sync(completion: @escaping @Sendable (Result<AuditReceipt, AuditError>) -> Void) {
        completion(
            state.withLock { state in
                guard let failure = state.failure, state.takes == 0 else { return .success(state.chain.head) }
                return .failure(AuditError(sink: "test", failure))
            })
    }

    func goOn(after sequence: UInt64, time: Int64) throws(AuditError) -> AuditHead? {
        state.withLock { state in
            state.chain.leaveOut(through: sequence)
            var line: [UInt8] = []
            state.chain.appendHeader(time: time, to: &line)
            state.file.append(line)
            return AuditHead(sequence: state.chain.head.sequence, hash: state.chain.link)
        }
    }

    var head: AuditHead { state.withLock { $0.chain.head } }

    var health: AuditHealth {
        state.withLock { state in
            AuditHealth(
                name: "test", written: state.chain.head, synced: state.chain.head, unsyncedFor: 0, waiting: 0,
                failure: state.failure, reserve: 0, fullReserve: 0)
        }
    }

    func close() {}
}

extension TestLog.State {
    mutating func write(_ entry: AuditEntry) {
        if file.isEmpty {
            var line: [UInt8] = []
            chain.appendHeader(time: entry.time, to: &line)
            file.append(line)
        }
        var line: [UInt8] = []
        chain.append(entry.lineBody, to: &line)
        file.append(line)
    }
}

extension TestLog: AuditLog {
    func tail(
        after head: AuditHead, accepted: [AcceptedBreak], _ body: (AuditRecord) -> Bool
    ) throws(AuditError) -> AuditFinding? {
        if let reason = state.withLock({ $0.unreadable }) { throw AuditError(sink: "test", reason) }
        let isNear = accepted.contains { !$0.place.isInNumbers }
        return check(
            against: [head], accepted: accepted, mayBeginLater: false,
            from: isNear ? 0 : start(before: head.sequence)
        ) {
            $0.sequence > head.sequence ? body($0) : true
        }.finding
    }

    /// The line from which on a head is looked for: a file's header, or an entry shortly before.
    private func start(before sequence: UInt64) -> Int {
        let lines = state.withLock { $0.file }.map { LogLine($0, 0..<($0.count - 1)) }
        let header = lines.lastIndex { line in
            if case .header(let after, _) = line?.position { after < sequence } else { false }
        }
        let entry = lines.lastIndex { $0?.sequence.map { $0 + 20 <= sequence } ?? false }
        return max(header ?? 0, entry ?? 0)
    }

    func verify(
        against heads: [AuditHead], accepted: [AcceptedBreak], mayBeginLater: Bool, while goesOn: () -> Bool
    ) throws(AuditError) -> AuditVerification? {
        state.withLock { $0.gate.take() }?.wait()
        let result = check(against: heads, accepted: accepted, mayBeginLater: mayBeginLater) { _ in true }
        return goesOn() ? result : nil
    }

    func survey(known: [AcceptedBreak], firstLost: UInt64?) throws(AuditError) -> LogBreaks {
        var known = known
        while true {
            var survey = LogSurvey(known: known, firstLost: firstLost, most: AuditVerifier.mostBreaks)
            for line in state.withLock({ $0.file }) {
                if let name = Self.fileName(line) { survey.begin(file: name.text, first: name.first) }
                survey.take(line, 0..<(line.count - 1))
            }
            survey.endFile(rest: 0, isLastFile: true)
            guard let gone = survey.finish() else { return LogBreaks(survey) }
            known.removeAll { $0 == gone }
        }
    }

    /// The name of the file that begins with this line; nil where it is no header.
    private static func fileName(_ line: [UInt8]) -> (text: String, first: UInt64)? {
        guard case .header(let after, _) = LogLine(line, 0..<(line.count - 1))?.position else { return nil }
        return (LogFileName.of(first: after + 1), after + 1)
    }

    func forEach(from first: UInt64, _ body: (AuditRecord) -> Bool) throws(AuditError) {
        for line in state.withLock({ $0.file }) {
            guard let record = AuditRecord(line, 0..<(line.count - 1)), record.sequence >= first else { continue }
            guard body(record) else { return }
        }
    }

    var archive: AuditArchive? { nil }

    func keep(checkpoint note: String) throws(AuditError) { state.withLock { $0.checkpoints.append(note) } }

    /// Every checkpoint that was kept.
    var checkpoints: [String] { state.withLock { $0.checkpoints } }

    private func check(
        against heads: [AuditHead], accepted: [AcceptedBreak] = [], mayBeginLater: Bool, from start: Int = 0,
        _ body: (AuditRecord) -> Bool
    ) -> AuditVerification {
        let file = state.withLock { $0.file }
        let first = max(0, min(start, file.count - 1))
        var checker = ChainChecker(anchors: heads, accepted: accepted, mayBeginLater: mayBeginLater || first > 0)
        let begun = file.isEmpty ? nil : Self.fileName(file[first])
        checker.begin(file: begun?.text ?? LogFileName.of(first: 1), first: begun?.first ?? 1)
        for (index, line) in file.enumerated().dropFirst(first) {
            let range = 0..<(line.count - 1)
            if index > first, let name = Self.fileName(line) { checker.begin(file: name.text, first: name.first) }
            guard index == first && first > 0 ? checker.believe(line, range) : checker.take(line, range) else { break }
            guard let record = AuditRecord(line, 0..<(line.count - 1)) else { continue }
            guard body(record) else { return checker.result }
        }
        return checker.finish()
    }

    /// What somebody with access to the folder can do: the lines are changed, and the sink goes on after the last.
    func tamper(_ body: (inout [String]) -> Void) {
        state.withLock { state in
            var lines = state.file.map { String(decoding: $0.dropLast(), as: UTF8.self) }
            body(&lines)
            state.file = lines.map { Array($0.utf8) + [0x0A] }
            state.chain = LineChain(head: .start, link: .zero)
            for line in state.file {
                guard let read = LogLine(line, 0..<(line.count - 1)) else { continue }
                guard case .entry(let sequence) = read.position else {
                    guard case .header(let after, let hash) = read.position else { continue }
                    state.chain = LineChain(head: AuditHead(sequence: after, hash: hash), link: read.hash)
                    continue
                }
                state.chain = LineChain(head: AuditHead(sequence: sequence, hash: read.hash), link: read.hash)
            }
        }
    }

    /// A log that is another one's copy from now on, up to the first entry that `keeps` refuses.
    func copy(while keeps: (AuditRecord) -> Bool = { _ in true }) -> TestLog {
        let other = TestLog()
        let file = state.withLock { $0.file }.prefix { line in
            AuditRecord(line, 0..<(line.count - 1)).map(keeps) ?? true
        }
        other.state.withLock { $0.file = Array(file) }
        other.tamper { _ in }
        return other
    }

    /// Has the log refuse to be read.
    func failReading(_ reason: AuditError.Reason) { state.withLock { $0.unreadable = reason } }

    /// Every line, the header first.
    var fileLines: [String] { state.withLock { $0.file }.map { String(decoding: $0.dropLast(), as: UTF8.self) } }

    /// Has the next verification wait.
    func holdVerification() -> VerificationGate {
        let gate = VerificationGate()
        state.withLock { $0.gate = gate }
        return gate
    }

    /// Writes an entry by itself.
    func write(_ entry: AuditEntry) { state.withLock { $0.write(entry) } }
}

/// Where a verification waits until it is let go on.
final class VerificationGate: Sendable {
    private let isReached = Mutex<(Bool, CheckedContinuation<Void, Never>?)>((false, nil))
    private let opened = DispatchSemaphore(value: 0)

    fileprivate func wait() {
        isReached.withLock { state in
            state.0 = true
            return state.1.take()
        }?.resume()
        opened.wait()
    }

    /// Returns once a verification waits.
    func reached() async {
        await withCheckedContinuation { continuation in
            let isThere = isReached.withLock { state in
                if !state.0 { state.1 = continuation }
                return state.0
            }
            if isThere { continuation.resume() }
        }
    }

    func open() { opened.signal() }
}

extension AuditEntry {
    /// Kind, outcome where it is not `allowed`, action, target and code.
    var brief: String {
        var words = [kind.rawValue]
        if outcome != .allowed { words.append(outcome.rawValue) }
        words.append(action.text)
        if let key { words.append(key) }
        if let issuedKey { words.append(issuedKey) }
        if let code { words.append("(\(code.text))") }
        return words.joined(separator: " ")
    }
}
