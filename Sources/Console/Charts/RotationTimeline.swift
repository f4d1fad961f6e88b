/// The next 90 days, a row for each key with a mark for each rotation. For the partial `timeline`; the words beside each
/// row say the same.
struct RotationTimeline {
    struct Row {
        var path: String
        var href: String
        /// The badge of its state.
        var badge: View
        /// When it is due, the first first; what is overdue stands at the left end.
        var times: [Int64]
        var isOverdue: Bool
    }

    var now: Int64
    var rows: [Row]

    private static let width = 900.0
    private static let height = 20.0

    var view: View {
        let first = ChartDay(of: now)
        return [
            "rows": rows.map { row($0, from: first) }, "empty": rows.isEmpty,
            "ticks": [0, 30, 60, 90].map { ChartDay(number: first.number + $0).short },
        ]
    }

    private func row(_ row: Row, from first: ChartDay) -> View {
        var last = -Self.width
        let marks = row.times.compactMap { time -> View? in
            let days = Double(time - first.start) / Double(ChartDay.length)
            let x = min(max(days / Double(DueDates.days), 0), 1) * Self.width
            // A mark is 6 wide; more of them would be one black bar.
            guard x - last >= 7 || x < last else { return nil }
            last = x
            return ["x": ChartScale.text(min(x, Self.width - 6)), "late": time < now]
        }
        return [
            "path": row.path, "href": row.href, "badge": row.badge, "marks": marks, "words": words(row),
            "weeks": stride(from: 7.0, to: 90, by: 7).map { ChartScale.text($0 / 90 * Self.width) },
        ]
    }

    private func words(_ row: Row) -> String {
        guard let first = row.times.first else { return "not by itself" }
        let more = row.times.count > 1 ? " and \(row.times.count - 1) more in 90 days" : ""
        return (first < now ? "due since \(ChartDay(of: first).short)" : "due \(ChartDay(of: first).short)") + more
    }
}
