internal import Usage

/// How one key was used, day by day. For the partial `stacked`.
enum KeyUsageChart {
    /// How far it goes back, in days.
    static let days: Int64 = 30

    static func view(_ periods: [(start: Int64, counts: UsageCounts)], now: Int64) -> View {
        let last = ChartDay(of: now).number
        let counted = Dictionary(
            periods.map { (ChartDay(of: $0.start).number, $0.counts) }, uniquingKeysWith: { first, _ in first })
        let columns = (last - days + 1...last).map { number -> StackedChart.Column in
            let counts = counted[number] ?? UsageCounts()
            let day = ChartDay(number: number)
            return StackedChart.Column(
                label: day.long, tick: day.short, counts: [counts.reads, counts.actions, counts.refused])
        }
        return StackedChart(
            id: "usage-chart", title: "Requests about this key, in UTC", step: "Day",
            series: ["Reads", "Other actions", "Refused or failed"], columns: columns
        ).view
    }
}
