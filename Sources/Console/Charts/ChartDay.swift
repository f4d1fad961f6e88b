internal import VaultAPI

/// A day in UTC, as charts and the calendar show it.
struct ChartDay: Equatable {
    static let length: Int64 = 86_400_000
    static let hour: Int64 = 3_600_000

    /// Days since 1970.
    let number: Int64
    let date: CivilDate

    /// - Parameter milliseconds: since 1970; the day in which they lie.
    init(of milliseconds: Int64) { self.init(number: (milliseconds - Self.offset(milliseconds)) / Self.length) }

    init(number: Int64) {
        self.number = number
        date = CivilDate(daysSince1970: number)
    }

    private static func offset(_ milliseconds: Int64) -> Int64 {
        let rest = milliseconds % length
        return rest < 0 ? rest + length : rest
    }

    static func == (a: ChartDay, b: ChartDay) -> Bool { a.number == b.number }

    /// The day's first millisecond.
    var start: Int64 { number * Self.length }
    /// 0 is Monday. The first of January 1970 was a Thursday.
    var weekday: Int { Int((number % 7 + 10) % 7) }
    var monthName: String { Self.months[Int(date.month) - 1] }
    /// `21 Nov`.
    var short: String { "\(date.day) \(monthName.prefix(3))" }
    /// `Saturday, 21 November 2026`.
    var long: String { "\(Self.weekdays[weekday]), \(date.day) \(monthName) \(date.year)" }
    /// `2026-11-21`, as forms and addresses have it.
    var iso: String { String(Timestamp(milliseconds: start).description.prefix(10)) }

    /// The day that `2026-11-21` names.
    init?(iso text: String) {
        guard text.utf8.count == 10, let moment = Timestamp(parsing: text + "T00:00:00Z") else { return nil }
        self.init(of: moment.milliseconds)
    }

    /// `21 Nov, 14:00`: an hour's start.
    static func hourLabel(_ milliseconds: Int64) -> String {
        let hour = (milliseconds - ChartDay(of: milliseconds).start) / hour
        return "\(ChartDay(of: milliseconds).short), \(hour < 10 ? "0" : "")\(hour):00"
    }

    static let weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
}
