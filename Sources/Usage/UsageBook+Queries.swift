/// What was counted in one hour, one day, or all of a time.
package struct UsageCounts: Equatable, Sendable {
    package var reads: UInt64 = 0
    package var actions: UInt64 = 0
    /// How often something was refused or failed, by code.
    package var refusals: [String: UInt64] = [:]
    /// How often an issued key was verified, by code.
    package var verifications: [String: UInt64] = [:]

    package init() {}

    package var refused: UInt64 { refusals.values.reduce(0, +) }
    package var verified: UInt64 { verifications.values.reduce(0, +) }
    package var isEmpty: Bool { self == UsageCounts() }

    mutating func add(_ cell: Cell, _ codes: CodeTable) {
        let count = UInt64(cell.count)
        switch cell.tally.class {
        case .read: reads += count
        case .action: actions += count
        case .refusal: refusals[codes.name(cell.tally.code), default: 0] += count
        case .verification: verifications[codes.name(cell.tally.code), default: 0] += count
        }
    }
}

/// Counts of one hour or day.
package struct UsagePeriod: Equatable, Sendable {
    /// Milliseconds since 1970 UTC; the start of an hour or a day in UTC.
    package var start: Int64
    package var counts: UsageCounts
}

/// Who read a key.
package struct UsageReader: Equatable, Sendable {
    package var caller: UsageSubject
    package var name: String
    package var last: Int64
    /// Reads since it became one of the readers that are known by name.
    package var count: UInt64
}

/// A time to look at: from `since` on, before `until`, both in milliseconds since 1970, widened to whole hours or days.
package struct UsageSpan: Equatable, Sendable {
    package var since: Int64
    package var until: Int64

    package init(since: Int64 = 0, until: Int64 = .max) {
        self.since = since
        self.until = until
    }

    func contains(_ slot: UInt32, of length: Int64) -> Bool {
        let start = Int64(slot) * length
        return start + length > since && start < until
    }
}

extension UsageBook {
    package enum Step: String, CaseIterable, Sendable {
        case hour, day
    }

    /// What the most is of.
    package enum Measure: String, CaseIterable, Sendable {
        case reads, actions, refusals, verifications

        func of(_ counts: UsageCounts) -> UInt64 {
            switch self {
            case .reads: counts.reads
            case .actions: counts.actions
            case .refusals: counts.refused
            case .verifications: counts.verified
            }
        }
    }

    /// A subject's counts by hour or day, ascending; only those that are not empty. Hours go back as far as
    /// ``UsageLimits/hours``.
    package func periods(of subject: UsageSubject, by step: Step, in span: UsageSpan = UsageSpan()) -> [UsagePeriod] {
        guard let record = record(subject) else { return [] }
        var periods: [UInt32: UsageCounts] = [:]
        let length = step == .hour ? Slot.hour : Slot.day
        for cell in record.hours.cells {
            let slot = step == .hour ? cell.slot : cell.slot / 24
            if span.contains(slot, of: length) { periods[slot, default: UsageCounts()].add(cell, codes) }
        }
        if step == .day {
            for cell in record.days.cells where span.contains(cell.slot, of: length) {
                periods[cell.slot, default: UsageCounts()].add(cell, codes)
            }
        }
        return periods.sorted { $0.key < $1.key }
            .map { UsagePeriod(start: Int64($0.key) * length, counts: $0.value) }
    }

    /// All that was counted of a subject in a time.
    package func counts(of subject: UsageSubject, in span: UsageSpan = UsageSpan()) -> UsageCounts {
        record(subject).map { counts($0, in: span) } ?? UsageCounts()
    }

    private func counts(_ record: UsageRecord, in span: UsageSpan) -> UsageCounts {
        var counts = UsageCounts()
        for cell in record.hours.cells where span.contains(cell.slot, of: Slot.hour) { counts.add(cell, codes) }
        for cell in record.days.cells where span.contains(cell.slot, of: Slot.day) { counts.add(cell, codes) }
        return counts
    }

    /// When a subject was last used; nil: never, as far as is known.
    package func last(_ subject: UsageSubject) -> Int64? {
        record(subject).flatMap { $0.last == 0 ? nil : $0.last }
    }

    /// What a caller is called, or whose an issued key is.
    package func label(_ subject: UsageSubject) -> String { record(subject)?.label ?? "" }

    /// Who read a key at `since` or later, the latest first.
    package func readers(of key: String, since: Int64 = 0) -> [UsageReader] {
        (record(UsageSubject(.key, key))?.readers ?? []).filter { $0.last >= since }
            .sorted { $0.last > $1.last }
            .map { UsageReader(caller: $0.caller, name: $0.name, last: $0.last, count: UInt64($0.count)) }
    }

    /// The subjects of some kinds with the highest counts, the highest first.
    ///
    /// - Parameter isWanted: which of them to look at; is given the subject and its label.
    package func top(
        _ kinds: Set<UsageSubject.Kind>, by measure: Measure, in span: UsageSpan = UsageSpan(), limit: Int,
        where isWanted: (UsageSubject, String) -> Bool = { _, _ in true }
    ) -> [(subject: UsageSubject, counts: UsageCounts)] {
        var found: [(subject: UsageSubject, counts: UsageCounts)] = []
        for page in pages {
            for (subject, record) in page where kinds.contains(subject.kind) && !subject.id.isEmpty {
                guard isWanted(subject, record.label) else { continue }
                let counts = counts(record, in: span)
                if measure.of(counts) > 0 { found.append((subject, counts)) }
            }
        }
        found.sort {
            let (one, other) = (measure.of($0.counts), measure.of($1.counts))
            return one == other ? $0.subject.id < $1.subject.id : one > other
        }
        return Array(found.prefix(limit))
    }
}

extension UsageBook {
    /// The callers that have this name.
    package func callers(named name: String) -> [UsageSubject] {
        guard !name.isEmpty else { return [] }
        let kinds: Set<UsageSubject.Kind> = [.accessKey, .unixUser, .certificate]
        return pages.flatMap { page in
            page.filter { kinds.contains($0.key.kind) && $0.value.label == name }.map(\.key)
        }
    }
}
