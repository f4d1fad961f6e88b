internal import Dispatch
internal import FoundationEssentials
internal import Synchronization

/// Work that is done on all processors at once.
enum ParallelWork {
    /// The results of `make` for 0 and up, in that order.
    static func map<Result: Sendable>(_ count: Int, _ make: @Sendable (Int) -> Result) -> [Result] {
        // Some parts for each processor: none waits long for the last.
        let parts = min(count, 8 * ProcessInfo.processInfo.activeProcessorCount)
        let made = Mutex([[Result]](repeating: [], count: parts))
        DispatchQueue.concurrentPerform(iterations: parts) { part in
            let results = (count * part / parts..<count * (part + 1) / parts).map(make)
            made.withLock { $0[part] = results }
        }
        return made.withLock { $0.flatMap { $0 } }
    }

    /// `elements` in ascending order; those that are alike keep theirs. Quick where long runs are in order already.
    static func sorted<Element: Sendable>(
        _ elements: [Element], by isBefore: @escaping @Sendable (Element, Element) -> Bool
    ) -> [Element] {
        let parts = min(ProcessInfo.processInfo.activeProcessorCount, max(1, elements.count / 4_096))
        var runs = map(parts) { part in
            elements[elements.count * part / parts..<elements.count * (part + 1) / parts].sorted(by: isBefore)
        }
        while runs.count > 1 {
            let before = runs
            runs = map((before.count + 1) / 2) { pair in
                2 * pair + 1 < before.count
                    ? merged(before[2 * pair], before[2 * pair + 1], by: isBefore) : before[2 * pair]
            }
        }
        return runs.first ?? []
    }

    private static func merged<Element>(
        _ left: [Element], _ right: [Element], by isBefore: (Element, Element) -> Bool
    ) -> [Element] {
        var merged: [Element] = []
        merged.reserveCapacity(left.count + right.count)
        var (next, other) = (0, 0)
        while next < left.count, other < right.count {
            if isBefore(right[other], left[next]) {
                merged.append(right[other])
                other += 1
            } else {
                merged.append(left[next])
                next += 1
            }
        }
        merged.append(contentsOf: left[next...])
        merged.append(contentsOf: right[other...])
        return merged
    }
}
