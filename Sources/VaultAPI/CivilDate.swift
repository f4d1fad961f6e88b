/// A date of the Gregorian calendar, for the years 0 to 9999.
package struct CivilDate: Equatable {
    package var year: Int64
    package var month: Int64
    package var day: Int64

    /// Days before each month in a year that starts on 1 March, so that a leap day is its last.
    private static let daysBefore: [Int64] = [0, 31, 61, 92, 122, 153, 184, 214, 245, 275, 306, 337]
    /// Days from 1 March of the year 0 to 1 January 1970.
    private static let epoch: Int64 = 719_468

    package init(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// - Parameter days: since 1970-01-01, negative before it.
    package init(daysSince1970 days: Int64) {
        // A leap year's worth is added below so that the divisions never see a negative number.
        let cycles: Int64 = 400
        let cycle: Int64 = 146_097
        var rest = days + Self.epoch + cycle
        let whole = rest / cycle
        rest %= cycle
        let century = min(rest / 36_524, 3)
        rest -= century * 36_524
        let four = rest / 1461
        rest -= four * 1461
        let single = min(rest / 365, 3)
        rest -= single * 365
        let index = Self.daysBefore.lastIndex { $0 <= rest } ?? 0
        day = rest - Self.daysBefore[index] + 1
        month = index < 10 ? Int64(index) + 3 : Int64(index) - 9
        year = whole * cycles + century * 100 + four * 4 + single - cycles + (month <= 2 ? 1 : 0)
    }

    /// Days since 1970-01-01, negative before it.
    package var daysSince1970: Int64 {
        let cycles: Int64 = 400
        let shifted = month <= 2 ? year - 1 + cycles : year + cycles
        let index = Int(month <= 2 ? month + 9 : month - 3)
        let leaps = shifted / 4 - shifted / 100 + shifted / 400
        return shifted * 365 + leaps + Self.daysBefore[index] + day - 1 - 146_097 - Self.epoch
    }

    /// Whether the calendar has the date.
    package var exists: Bool {
        guard (1...12).contains(month), day >= 1, (0...9999).contains(year) else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return day <= lengths[Int(month) - 1]
    }
}
