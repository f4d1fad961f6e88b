extension PathPattern {
    /// Whether `path` fits.
    package func matches(_ path: ResourcePath) -> Bool { matches(path.text.utf8.span) }

    /// Whether the path or the name in `path` fits. Allocates nothing.
    func matches(_ path: Span<UInt8>) -> Bool {
        switch shape {
        case .exact: path.count == bytes.count && startsWithLiteral(path)
        case .beneath:
            literalBytes == 0
                || (startsWithLiteral(path)
                    && (path.count == literalBytes || path[literalBytes] == Segment.slash))
        case .general: matchesBySegments(path)
        }
    }

    /// Whether the segments before the first star begin `path`, which may go on inside the last of them.
    private func startsWithLiteral(_ path: Span<UInt8>) -> Bool {
        guard path.count >= literalBytes else { return false }
        let literal = bytes.span
        for offset in 0..<literalBytes where path[offset] != literal[offset] { return false }
        return true
    }

    /// The leftmost place for each run of segments between two `**` is as good as any later one, so that only the
    /// last `**` is ever stretched.
    private func matchesBySegments(_ path: Span<UInt8>) -> Bool {
        let parts = parts.span
        var part = 0
        var start = 0
        var partAfterDeep = -1
        var stretched = 0
        while start <= path.count {
            let end = PathPattern.endOfSegment(path, from: start)
            if part < parts.count {
                if parts[part].kind == .deep {
                    part += 1
                    partAfterDeep = part
                    stretched = start
                    continue
                }
                if segment(parts[part], matches: path, start, end) {
                    part += 1
                    start = end + 1
                    continue
                }
            }
            guard partAfterDeep >= 0 else { return false }
            stretched = PathPattern.endOfSegment(path, from: stretched) + 1
            start = stretched
            part = partAfterDeep
        }
        while part < parts.count, parts[part].kind == .deep { part += 1 }
        return part == parts.count
    }

    /// Whether one segment of the pattern fits the bytes `start..<end` of `path`: the same search, by bytes.
    private func segment(_ part: Part, matches path: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        let pattern = bytes.span
        var p = part.start
        var s = start
        var afterStar = -1
        var stretched = 0
        while s < end {
            if p < part.end, pattern[p] == Segment.star {
                p += 1
                afterStar = p
                stretched = s
            } else if p < part.end, pattern[p] == path[s] {
                p += 1
                s += 1
            } else {
                guard afterStar >= 0 else { return false }
                stretched += 1
                s = stretched
                p = afterStar
            }
        }
        while p < part.end, pattern[p] == Segment.star { p += 1 }
        return p == part.end
    }

    /// Whether some path at or beneath `prefix` fits; an empty prefix is everything. For lists alone.
    func mayMatch(atOrBeneath prefix: Span<UInt8>) -> Bool {
        guard !prefix.isEmpty else { return true }
        var states = closed([0])
        var start = 0
        while start <= prefix.count {
            let end = PathPattern.endOfSegment(prefix, from: start)
            var next: Set<Int> = []
            for state in states where state < parts.count {
                let part = parts[state]
                if part.kind == .deep {
                    next.insert(state)
                } else if segment(part, matches: prefix, start, end) {
                    next.insert(state + 1)
                }
            }
            states = closed(next)
            if states.isEmpty { return false }
            start = end + 1
        }
        return true
    }

    /// The places in the pattern that are reached from `states` without taking a segment.
    private func closed(_ states: Set<Int>) -> Set<Int> {
        var all = states
        for state in states {
            var next = state
            while next < parts.count, parts[next].kind == .deep {
                next += 1
                all.insert(next)
            }
        }
        return all
    }

    /// Whether every path at or beneath `prefix` fits: the pattern ends in `**` and fits the prefix itself.
    func matchesAll(atOrBeneath prefix: Span<UInt8>) -> Bool {
        guard parts.last?.kind == .deep else { return false }
        return prefix.isEmpty ? parts.count == 1 : matches(prefix)
    }
}
