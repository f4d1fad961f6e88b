extension AuditReader {
    /// Looks whether `head` is in the log, and gives `body` the entries after it, until it answers false.
    ///
    /// The chain is followed from a line shortly before `head`, whose hash is taken as it stands: an entry that was
    /// edited further back is for ``AuditVerifier`` to find.
    ///
    /// - Parameter accepted: breaks that are passed over; where one is near, more is read.
    /// - Returns: the first problem; nil: there is none.
    package func tail(
        after head: AuditHead, accepted: [AcceptedBreak] = [], _ body: (AuditRecord) -> Bool
    ) throws(AuditError) -> AuditFinding? {
        let files = try files()
        var start = files.lastIndex { $0.first <= head.sequence } ?? 0
        // The chain is not taken up in the middle of a break.
        var isNearBreak = false
        for place in accepted.map(\.place).reversed() where !place.isInNumbers && !files.isEmpty {
            guard place.last >= files[start].first else { continue }
            isNearBreak = true
            start = min(start, files.lastIndex { $0.first <= max(1, place.before.sequence) } ?? 0)
        }
        var isMet = head.sequence == 0
        var checker = ChainChecker(anchors: [head], accepted: accepted, mayBeginLater: true)
        var isDone = false
        for (index, entry) in files.enumerated().dropFirst(start) where !isDone {
            let isLast = index == files.count - 1
            checker.begin(file: entry.name, first: entry.first)
            guard checker.result.finding == nil else { break }
            try naming { () throws(FileFault) in
                let lines = try lines(entry.name)
                // The line before the head's is needed, so that the head's own can be checked.
                let offset =
                    index == start && head.sequence > entry.first && !isNearBreak
                    ? try lines.offset(before: head.sequence - 1) : 0
                var isBelieved = offset > 0
                let rest = try lines.forward(from: offset) { bytes, range throws(FileFault) in
                    let goesOn = isBelieved ? checker.believe(bytes, range) : checker.take(bytes, range)
                    isBelieved = false
                    guard goesOn else { return false }
                    if checker.result.head == head { isMet = true }
                    guard checker.result.head.sequence > head.sequence, let record = AuditRecord(bytes, range) else {
                        return true
                    }
                    isDone = !body(record)
                    return !isDone
                }
                guard !isDone else { return }
                checker.unfinished(UInt64(max(0, rest)), isLastFile: isLast)
                checker.endFile(isLastFile: isLast)
            }
            guard checker.result.finding == nil else { break }
        }
        let result = checker.finish()
        if result.finding == nil, !isMet {
            return AuditFinding(.missing, head.sequence, file: files.first?.name)
        }
        return result.finding
    }
}
