internal import VaultAPI

/// Months as tables, with how many rotations are due on each day. For the partial `calendar`.
struct RotationCalendar {
    var now: Int64
    /// Rotations by day, since 1970.
    var counts: [Int64: Int]
    /// How many months, this one the first.
    var months = 4
    /// The last day that was looked at: those after it are not known.
    var until: Int64
    /// Where a day leads.
    var href: (ChartDay) -> String

    var view: [View] {
        let today = ChartDay(of: now)
        return (0..<months).map { offset in
            let index = today.date.month - 1 + Int64(offset)
            return month(today.date.year + index / 12, index % 12 + 1, today)
        }
    }

    private func month(_ year: Int64, _ month: Int64, _ today: ChartDay) -> View {
        let first = ChartDay(number: CivilDate(year: year, month: month, day: 1).daysSince1970)
        let next = month == 12 ? (year + 1, Int64(1)) : (year, month + 1)
        let end = CivilDate(year: next.0, month: next.1, day: 1).daysSince1970
        var weeks: [View] = []
        var start = first.number - Int64(first.weekday)
        while start < end {
            weeks.append([
                "days": (start..<start + 7).map { cell($0, in: first.number..<end, today) }
            ])
            start += 7
        }
        return ["name": "\(first.monthName) \(year)", "weeks": weeks]
    }

    private func cell(_ number: Int64, in month: Range<Int64>, _ today: ChartDay) -> View {
        let day = ChartDay(number: number)
        let count = counts[number] ?? 0
        let isHere = month.contains(number)
        return [
            "here": isHere, "day": day.date.day, "today": day == today,
            "past": number < today.number || number >= until,
            "due": isHere && count > 0
                ? [
                    "count": count, "href": href(day), "long": day.long,
                    "word": count == 1 ? "rotation" : "rotations", "late": number < today.number,
                ] as View : false as Any,
        ]
    }
}
