/// The rules of one policy with one effect on one kind of target, found by literal segments of their patterns.
///
/// A pattern is kept under the hash of one thing that a path must have to fit it: the segments before the first
/// with a star; failing these, its first literal segment that stands at a fixed place from the start; failing that,
/// its last one at a fixed place from the end; failing all, nothing. Of a path only what some pattern is kept
/// under is looked up, so that a thousand rules cost about as much as one unless they are all of the last sort.
/// A hash only narrows the search: what is found is matched in full.
struct RuleIndex: Sendable {
    private struct Candidate: Sendable {
        let actions: ActionSet
        let rule: Int
        let pattern: PathPattern
    }

    private var buckets: [UInt64: [Candidate]] = [:]
    /// The numbers of leading segments, and the places from the start and from the end, that patterns are kept
    /// under; one bit each.
    private var depths: UInt64 = 0
    private var places: UInt64 = 0
    private var placesFromEnd: UInt64 = 0
    private var actions = ActionSet()

    /// Adds a rule; `rule` is its place among the policy's rules, and rules are added in that order.
    mutating func add(rule: Int, actions: ActionSet, pattern: PathPattern) {
        let candidate = Candidate(actions: actions, rule: rule, pattern: pattern)
        buckets[bucket(of: pattern), default: []].append(candidate)
        self.actions.formUnion(actions)
    }

    /// Chooses what `pattern` is kept under, and notes that it is looked up.
    private mutating func bucket(of pattern: PathPattern) -> UInt64 {
        let bytes = pattern.bytes.span
        if pattern.literalSegments == 0 {
            let fixed = pattern.parts.prefix { $0.kind != .deep }
            if let place = fixed.firstIndex(where: { $0.kind == .literal }) {
                places |= 1 << UInt64(place)
                let part = pattern.parts[place]
                return SegmentHashes.atStart(SegmentHashes(bytes.extracting(part.start..<part.end)).segment(0), place)
            }
            let ending = pattern.parts.reversed().prefix { $0.kind != .deep }.map { $0 }
            if let place = ending.firstIndex(where: { $0.kind == .literal }) {
                placesFromEnd |= 1 << UInt64(place)
                let part = ending[place]
                return SegmentHashes.atEnd(SegmentHashes(bytes.extracting(part.start..<part.end)).segment(0), place)
            }
        }
        depths |= 1 << UInt64(pattern.literalSegments)
        return SegmentHashes(bytes.extracting(0..<pattern.literalBytes)).prefix(pattern.literalSegments)
    }

    /// The place of the first rule that names `action` and fits `path`, or nil. Allocates nothing.
    func first(_ action: Action, _ path: Span<UInt8>, _ hashes: borrowing SegmentHashes) -> Int? {
        guard actions.contains(action) else { return nil }
        var best = Int.max
        for depth in 0...hashes.count where depths & (1 << UInt64(depth)) != 0 {
            search(hashes.prefix(depth), action, path, &best)
        }
        for place in 0..<hashes.count {
            if places & (1 << UInt64(place)) != 0 {
                search(SegmentHashes.atStart(hashes.segment(place), place), action, path, &best)
            }
            if placesFromEnd & (1 << UInt64(place)) != 0 {
                search(SegmentHashes.atEnd(hashes.segment(hashes.count - 1 - place), place), action, path, &best)
            }
        }
        return best == .max ? nil : best
    }

    /// Lowers `best` to the first rule in a bucket that names `action` and fits `path`.
    private func search(_ hash: UInt64, _ action: Action, _ path: Span<UInt8>, _ best: inout Int) {
        guard let bucket = buckets[hash] else { return }
        for candidate in bucket {
            // A bucket is in the order of the rules: what follows is no better.
            if candidate.rule >= best { return }
            if candidate.actions.contains(action), candidate.pattern.matches(path) {
                best = candidate.rule
                return
            }
        }
    }
}
