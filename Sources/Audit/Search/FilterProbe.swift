/// A filter as the index and the bytes of a log can be asked: what it lets through still has to be looked at.
struct FilterProbe {
    let filter: AuditFilter
    /// Terms that a block with a match has, every one.
    private let terms: [UInt64]
    /// What stands in a matching line as it is written; what is likely to be the rarest comes first.
    let needles: [[UInt8]]
    private let sequences: ClosedRange<UInt64>

    /// - Parameter through: later entries are passed over; they may not be acknowledged yet.
    init(_ filter: AuditFilter, through: UInt64) {
        self.filter = filter
        let low = filter.after.map { $0 == .max ? .max : $0 + 1 } ?? 0
        let high = min(through, filter.before.map { $0 == 0 ? 0 : $0 - 1 } ?? .max)
        sequences = low <= high ? low...high : 0...0
        var terms: [UInt64] = []
        var needles: [[UInt8]] = []
        func ask(_ field: TermHash.Field, _ name: String?, _ text: String?) {
            guard let text else { return }
            let written = Self.written(text)
            terms.append(TermHash.of(field, written))
            needles.append(Array((name.map { #""\#($0)""# } ?? "").utf8) + #":""#.utf8 + written + [0x22])
        }
        ask(.issuedKey, "issued_key", filter.issuedKey)
        ask(.key, "key", filter.key)
        for (path, isWhole) in [(filter.keyUnder, true), (filter.keyPrefix, false)] {
            guard let path else { continue }
            let written = Self.written(path)
            if let term = Self.under(written, isWhole: isWhole) { terms.append(term) }
            needles.append(Array(#""key":""#.utf8) + written)
        }
        ask(.caller, nil, filter.caller)
        ask(.address, "address", filter.address)
        ask(.issuer, "issuer", filter.issuer)
        ask(.code, "code", filter.code)
        ask(.action, "action", filter.action)
        ask(.outcome, "outcome", filter.outcome)
        self.terms = terms
        self.needles = needles
    }

    /// Whether nothing can be found at all.
    var isEmpty: Bool { sequences == 0...0 }

    /// The last sequence that is asked for.
    var last: UInt64 { sequences.upperBound }

    /// Whether entries with these sequences are asked for.
    func concerns(_ range: ClosedRange<UInt64>) -> Bool { sequences.overlaps(range) }

    func concerns(_ sequence: UInt64) -> Bool { sequences.contains(sequence) }

    /// Whether the block may hold a match.
    func mayMatch(_ block: IndexBlock, _ words: [UInt64]) -> Bool {
        guard !block.filter.isEmpty else { return true }
        guard block.times.upperBound >= filter.since ?? .min, block.times.lowerBound < filter.until ?? .max else {
            return false
        }
        return terms.allSatisfy { BlockFilter.mayHold($0, words, block.filter) }
    }

    /// `text` as a line has it.
    private static func written(_ text: String) -> [UInt8] {
        var encoder = LineEncoder(capacity: text.utf8.count + 8)
        encoder.field("", text, limit: .max)
        return Array(encoder.bytes[5..<(encoder.bytes.count - 1)])
    }

    /// The deepest path that is kept of every key at or below `path`.
    private static func under(_ path: [UInt8], isWhole: Bool) -> UInt64? {
        var segments = path.split(separator: 0x2F, omittingEmptySubsequences: false)
        // The last piece of a mere beginning may go on.
        if !isWhole { segments = segments.dropLast() }
        segments = Array(segments.prefix(LineTerms.deepest))
        guard !segments.isEmpty else { return nil }
        return TermHash.of(.under, segments.joined(separator: [0x2F]))
    }
}
