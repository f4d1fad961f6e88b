/// A line as high as a line of text: how much something was used, day by day. For the partial `sparkline`, in which words
/// say the same.
struct Sparkline {
    /// One for each day, the last one today.
    var counts: [UInt64]
    /// What was counted: `reads`.
    var what: String
    /// The last day.
    var last: ChartDay

    private static let width = 200.0
    private static let height = 32.0

    var view: View {
        let scale = ChartScale(counts)
        let step = Self.width / Double(max(counts.count - 1, 1))
        let points = counts.enumerated().map { place, count in
            let y = Self.height - 2 - scale.length(count, of: Self.height - 4)
            return "\(ChartScale.text(Double(place) * step)),\(ChartScale.text(y))"
        }
        let floor = ChartScale.text(Self.height - 1)
        return [
            "line": points.joined(separator: " "),
            "area": "0,\(floor) " + points.joined(separator: " ") + " \(ChartScale.text(Self.width)),\(floor)",
            "summary": summary, "empty": counts.allSatisfy { $0 == 0 },
        ]
    }

    private var summary: String {
        let total = counts.reduce(0) { $0 &+ $1 }
        guard total > 0, let most = counts.max(), let place = counts.lastIndex(of: most) else {
            return "No \(what) in the last \(counts.count) days"
        }
        let day = ChartDay(number: last.number - Int64(counts.count - 1 - place))
        return "\(ChartScale.grouped(total)) \(what) in the last \(counts.count) days, most on \(day.short): "
            + ChartScale.grouped(most)
    }

    /// The counts of `days` days up to `last`, from what was counted by day.
    static func counts(_ periods: [(start: Int64, count: UInt64)], days: Int, last: ChartDay) -> [UInt64] {
        var counts = [UInt64](repeating: 0, count: days)
        for period in periods {
            let place = Int(ChartDay(of: period.start).number - last.number) + days - 1
            if counts.indices.contains(place) { counts[place] &+= period.count }
        }
        return counts
    }
}
