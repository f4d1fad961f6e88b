internal import Usage

/// How long requests took, in classes that each are about twice the one before. For the partial `bars`.
enum LatencyClasses {
    /// - Parameter microseconds: of each request.
    static func chart(_ microseconds: [Int64], title: String) -> BarRows {
        var histogram = Histogram.standard
        for time in microseconds { histogram.observe(time) }
        let last = histogram.counts.lastIndex { $0 > 0 } ?? -1
        let first = histogram.counts.firstIndex { $0 > 0 } ?? 0
        let rows = histogram.counts.indices.filter { (first...max(first, last)).contains($0) && last >= 0 }
            .map { place -> BarRows.Row in
                let isLast = place == histogram.bounds.count
                let bound = histogram.bounds[min(place, histogram.bounds.count - 1)]
                return BarRows.Row(
                    label: isLast ? "over \(words(bound))" : "up to \(words(bound))", count: histogram.counts[place])
            }
        return BarRows(
            title: title, subject: "Time", measure: "Requests", rows: rows, nothing: "No request was counted yet.")
    }

    /// The time below which `part` of them lie; nil where there are none.
    static func quantile(_ microseconds: [Int64], _ part: Double) -> Int64? {
        guard !microseconds.isEmpty else { return nil }
        let sorted = microseconds.sorted()
        let place = Int((Double(sorted.count) * part).rounded(.up)) - 1
        return sorted[min(max(place, 0), sorted.count - 1)]
    }

    /// `0.25 ms`, `10 ms`, `2.5 s`.
    static func words(_ microseconds: Int64) -> String {
        let (unit, size): (String, Int64) = microseconds >= 1_000_000 ? ("s", 1_000_000) : ("ms", 1000)
        let whole = microseconds / size
        let hundredths = microseconds % size * 100 / size
        guard hundredths > 0, whole < 100 else { return "\(whole) \(unit)" }
        let text = hundredths % 10 == 0 ? "\(hundredths / 10)" : hundredths < 10 ? "0\(hundredths)" : "\(hundredths)"
        return "\(whole).\(text) \(unit)"
    }
}
