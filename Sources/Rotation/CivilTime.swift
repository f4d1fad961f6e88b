/// A moment of the proleptic Gregorian calendar in UTC, to the minute. There is no time zone, no daylight saving and no
/// leap second in it.
struct CivilTime: Equatable {
    var year: Int64
    /// 1 to 12.
    var month: Int
    /// 1 to 31.
    var day: Int

    static let dayLength: Int64 = 86_400_000
    static let minuteLength: Int64 = 60_000

    /// The day that is `days` after 1970-01-01.
    init(days: Int64) {
        // Days since 0000-03-01, in eras of 400 years.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
        month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// The number of days in its month.
    var monthLength: Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// The first of the month after.
    var nextMonth: CivilTime {
        var next = self
        next.day = 1
        next.month = month == 12 ? 1 : month + 1
        if month == 12 { next.year += 1 }
        return next
    }

    /// 0 for Sunday, of the day that is `days` after 1970-01-01, a Thursday.
    static func weekday(days: Int64) -> Int { Int(((days + 4) % 7 + 7) % 7) }
}
