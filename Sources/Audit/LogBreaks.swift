/// What a log is like that an operator goes on with.
package struct LogBreaks: Sendable {
    /// The breaks that were accepted before, and are still there.
    package let kept: [AcceptedBreak]
    /// Where the chain is broken and nobody has accepted it yet. The last may have no end so far.
    private var breaks: [AuditBreak]
    /// The last entry before those that are known to be gone.
    private let beforeLost: AuditHead
    /// The highest number of an entry in a part of the chain that is sound.
    private let highest: UInt64

    /// More numbers are not left out for the sake of what somebody else may have written into the log.
    private static let mostLeftOut: UInt64 = 1_000_000_000

    init(_ survey: LogSurvey) {
        kept = survey.kept
        breaks = survey.breaks
        beforeLost = survey.beforeLost
        highest = survey.highest
    }

    /// Whether the chain is sound outside of what was accepted before.
    package var isEmpty: Bool { breaks.isEmpty }

    /// The breaks to accept.
    ///
    /// - Parameters:
    ///   - lost: entries that are known to be gone though the chain is sound, up to the one that is known.
    ///   - last: the highest number that is known to have been used.
    ///   - goOn: has the log go on in a new file, after a number, and gives the header's place.
    package func accepting(
        lost: (problem: AuditFinding.Problem, through: UInt64)?, last: UInt64,
        goOn: (UInt64) throws(AuditError) -> AuditHead?
    ) throws(AuditError) -> [AuditBreak] {
        var all = breaks
        let isOpen = breaks.last.map { $0.after == nil } ?? false
        guard lost != nil || isOpen else { return all }
        let header = try goOn(highest < last + Self.mostLeftOut ? max(last, highest) : last)
        if isOpen { all[all.count - 1].after = header }
        if let lost {
            all.append(AuditBreak(lost.problem, before: beforeLost, after: header, through: lost.through))
        }
        return all
    }
}
