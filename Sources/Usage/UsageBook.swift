/// Counts, by hour and by day, what was read, done, refused and verified: of all together, of each key, each caller and
/// each issued key. A value of bounded size; it knows no clock and no store.
///
/// A name gets counters of its own when something was given for it. What was refused counts where the name is known,
/// and else under all together only: whoever is refused cannot fill the book with names. Where a kind has as
/// many subjects as ``UsageLimits`` allows, the one that was unused for longest makes room, its numbers go to
/// ``UsageSubject/other(_:)``; where all were in use within a day, the newcomer counts there.
package struct UsageBook: Sendable {
    package let limits: UsageLimits
    /// Which lines of the audit log are in the numbers.
    package internal(set) var lines: CountedLines
    var codes: CodeTable
    /// Subjects by page; page n is at n - 1.
    var pages: [[UsageSubject: UsageRecord]]
    /// Pages that have changed since they were last given out to be stored.
    var dirty: [Bool]
    var subjectCounts: [Int]
    private(set) var cellCount = 0
    /// When each kind was last found to be full of subjects in use.
    private var fullSince: [Int64]
    private var prunedHour: UInt32 = 0

    package init(limits: UsageLimits = UsageLimits(), lines: CountedLines = CountedLines()) {
        self.limits = limits
        self.lines = lines
        codes = CodeTable(most: limits.codes)
        pages = Array(repeating: [:], count: UsageLimits.pages)
        dirty = Array(repeating: false, count: UsageLimits.pages)
        subjectCounts = Array(repeating: 0, count: UsageSubject.Kind.allCases.count)
        fullSince = Array(repeating: .min, count: UsageSubject.Kind.allCases.count)
    }

    /// How many subjects have counters of their own.
    package var subjectCount: Int { subjectCounts.reduce(0, +) }
    /// How many numbers are kept.
    package var numberCount: Int { cellCount }
    /// Whether anything was counted that was not given out to be stored.
    package var isDirty: Bool { dirty.contains(true) }

    /// Counts a line of the audit log, unless it was counted before.
    package mutating func count(_ event: UsageEvent, line sequence: UInt64) {
        guard lines.take(sequence) else { return }
        count(event)
    }

    /// Takes a line for counted on which there is nothing to count.
    package mutating func pass(line sequence: UInt64) { _ = lines.take(sequence) }

    /// Takes all lines up to `sequence` for counted.
    package mutating func skip(to sequence: UInt64) { lines.skip(to: sequence) }

    /// Goes on after the lines that were counted before.
    package mutating func resume(_ counted: CountedLines) { lines = counted }

    /// Goes on after line `sequence`, whatever was counted before: of another log, say.
    package mutating func restart(after sequence: UInt64) { lines = CountedLines(upTo: sequence) }

    /// Counts lines of the audit log that were written together, as ``count(_:line:)`` and ``pass(line:)`` would one after
    /// the other. What comes to the same numbers of whoever asked is added to them at once.
    ///
    /// - Parameter events: nil where there is nothing to count on a line.
    package mutating func count(_ events: [(event: UsageEvent?, line: UInt64)]) {
        var asked: UsageEvent?
        for (event, line) in events {
            guard lines.take(line), let event else { continue }
            pruneIfDue(event)
            countTarget(event)
            if let sum = asked?.joined(by: event) {
                asked = sum
            } else {
                if let asked { countAsker(asked) }
                asked = event
            }
        }
        if let asked { countAsker(asked) }
    }

    /// Counts what is on no line, or on one that ``count(_:line:)`` does not know.
    package mutating func count(_ event: UsageEvent) {
        pruneIfDue(event)
        countTarget(event)
        countAsker(event)
    }

    private mutating func pruneIfDue(_ event: UsageEvent) {
        if Slot.hour(event.time) > prunedHour { prune(now: event.time) }
    }

    /// Counts for what was asked for.
    private mutating func countTarget(_ event: UsageEvent) {
        let (slot, tally) = (Slot.hour(event.time), codes.tally(event.act))
        let (admits, isUse) = (event.act.admits, event.act.isUse)
        if let key = event.key {
            add(tally, to: UsageSubject(.key, key), slot, event, admits: admits, isUse: event.act == .read)
        }
        if let id = event.verified {
            add(tally, to: UsageSubject(.issuedKey, id), slot, event, admits: admits, isUse: isUse)
        }
        if let issuer = event.issuer {
            add(
                tally, to: UsageSubject(.issuer, issuer), slot, event, admits: admits && event.verified != nil,
                isUse: isUse)
        }
    }

    /// Counts for all together and for whoever asked. To them a verification is an action, whatever became of the key that
    /// was verified.
    private mutating func countAsker(_ event: UsageEvent) {
        let (slot, tally, isUse) = (Slot.hour(event.time), codes.tally(event.act), event.act.isUse)
        add(tally, to: .all, slot, event, admits: true, isUse: isUse)
        guard let caller = event.caller else { return }
        let isVerification = tally.class == .verification
        var own = event
        if isVerification { own.verified = nil }
        let asked = isVerification ? Tally.action : tally
        add(asked, to: caller.subject, slot, own, admits: true, isUse: isUse || isVerification)
        guard let id = event.presented else { return }
        add(asked, to: UsageSubject(.issuedKey, id), slot, own, admits: true, isUse: isUse || isVerification)
    }

    private mutating func add(
        _ tally: Tally, to subject: UsageSubject, _ slot: UInt32, _ event: UsageEvent, admits: Bool, isUse: Bool
    ) {
        let page = subject.page - 1
        if let place = pages[page].index(forKey: subject) {
            dirty[page] = true
            let isNew = pages[page].values[place].note(tally, of: subject.kind, slot, event, isUse: isUse, limits)
            if isNew { cellCount += 1 }
            return
        }
        guard !subject.id.isEmpty || subject.kind == .all else { return }
        guard admits else { return }
        guard makeRoom(for: subject.kind, at: event.time) else {
            return addToOther(tally, subject.kind, slot, event.times)
        }
        var record = UsageRecord()
        _ = record.note(tally, of: subject.kind, slot, event, isUse: isUse, limits)
        cellCount += record.cellCount
        insert(record, subject)
        dirty[page] = true
    }

    private mutating func addToOther(_ tally: Tally, _ kind: UsageSubject.Kind, _ slot: UInt32, _ times: UInt32) {
        var record = UsageRecord()
        _ = record.hours.add(tally, slot: slot, count: times, codes: limits.codesOfOne)
        merge(record, into: .other(kind))
    }

    // MARK: Subjects

    /// Puts a subject in that is not there.
    mutating func insert(_ record: UsageRecord, _ subject: UsageSubject) {
        pages[subject.page - 1][subject] = record
        if !subject.id.isEmpty { subjectCounts[Int(subject.kind.rawValue)] += 1 }
    }

    func record(_ subject: UsageSubject) -> UsageRecord? { pages[subject.page - 1][subject] }

    /// Adds a record to the one that is there, or puts it in.
    mutating func merge(_ record: UsageRecord, into subject: UsageSubject) {
        let page = subject.page - 1
        dirty[page] = true
        if let place = pages[page].index(forKey: subject) {
            let before = pages[page].values[place].cellCount
            pages[page].values[place].merge(record, limits)
            cellCount += pages[page].values[place].cellCount - before
        } else {
            cellCount += record.cellCount
            insert(record, subject)
        }
    }

    private mutating func fold(_ subject: UsageSubject) {
        let page = subject.page - 1
        guard var record = pages[page].removeValue(forKey: subject) else { return }
        dirty[page] = true
        subjectCounts[Int(subject.kind.rawValue)] -= 1
        cellCount -= record.cellCount
        record.readers = []
        merge(record, into: .other(subject.kind))
    }

    /// Whether there is room for one subject more; folds some that are out of use where there is none.
    private mutating func makeRoom(for kind: UsageSubject.Kind, at now: Int64) -> Bool {
        let most = limits.most(kind)
        let index = Int(kind.rawValue)
        guard kind != .all, subjectCounts[index] >= most else { return true }
        // Looking at all of them again makes sense only after a while.
        guard now >= fullSince[index].addingReportingOverflow(limits.idle / 24).partialValue else { return false }
        fold(kind, atMost: max(1, most / 16), unusedSince: now - limits.idle)
        guard subjectCounts[index] < most else {
            fullSince[index] = now
            return false
        }
        return true
    }

    /// Folds those of a kind that have been unused for longest.
    private mutating func fold(_ kind: UsageSubject.Kind, atMost count: Int, unusedSince time: Int64) {
        let idle = pages.flatMap { page in
            page.filter { $0.key.kind == kind && !$0.key.id.isEmpty && $0.value.touched < time }
                .map { (subject: $0.key, last: $0.value.touched) }
        }
        for entry in idle.sorted(by: { $0.last < $1.last }).prefix(count) { fold(entry.subject) }
    }

    // MARK: Age

    /// Adds old hours up to days, and drops old days. Where there are more numbers than allowed, less of the past is
    /// kept, of all subjects alike: hours first, then days; and in the end subjects that are out of use are folded.
    package mutating func prune(now: Int64) {
        prunedHour = Slot.hour(now)
        prune(now: now, hours: limits.hours, days: limits.days)
        guard cellCount > limits.cells else { return }
        let enough = limits.cells / 4 * 3
        for (hours, days) in [(72, 400), (24, 400), (24, 200), (24, 100), (24, 31), (24, 7)] {
            prune(now: now, hours: min(hours, limits.hours), days: min(days, limits.days))
            if cellCount <= enough { return }
        }
        for kind in [UsageSubject.Kind.issuedKey, .key, .accessKey, .unixUser, .certificate, .issuer] {
            fold(kind, atMost: limits.most(kind) / 2, unusedSince: now - limits.idle)
            if cellCount <= enough { return }
        }
    }

    private mutating func prune(now: Int64, hours: Int, days: Int) {
        let hour = Slot.hour(now)
        let day = Slot.day(now)
        let firstHour = hour > UInt32(hours) ? hour - UInt32(hours) : 0
        let firstDay = day > UInt32(days) ? day - UInt32(days) : 0
        // What was counted by a clock that ran far ahead is worth nothing.
        let end = day &+ UInt32(limits.days)
        var count = 0
        for page in pages.indices {
            // An index by itself: a collection of indices would hold a second copy.
            var place = pages[page].startIndex
            while place != pages[page].endIndex {
                pages[page].values[place].prune(hour: firstHour, day: firstDay, end: end, codes: limits.codesOfOne)
                count += pages[page].values[place].cellCount
                pages[page].formIndex(after: &place)
            }
        }
        cellCount = count
    }
}

extension UsageRecord {
    /// When anything was last counted, to the hour, or given: nothing newer is lost where the record goes.
    var touched: Int64 {
        let hour = hours.cells.last.map { (Int64($0.slot) + 1) * Slot.hour } ?? 0
        let day = days.cells.last.map { (Int64($0.slot) + 1) * Slot.day } ?? 0
        return max(last, hour, day)
    }
}
