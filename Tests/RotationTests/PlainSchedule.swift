/// Days from 1970 on, each counted from the one before.
struct PlainCalendar {
    /// Moments are taken from these; another 40 are there to be searched.
    static let years: Int64 = 140
    let days: [(day: Int, month: Int, weekday: Int)]

    init() {
        var days: [(day: Int, month: Int, weekday: Int)] = []
        var weekday = 4
        for year in 1970..<(1970 + Int(Self.years) + 42) {
            let isLeap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0
            for (month, length) in [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
                for day in 1...length {
                    days.append((day, month + 1, weekday))
                    weekday = (weekday + 1) % 7
                }
            }
        }
        self.days = days
    }
}

/// A schedule as sets of numbers, searched from day to day.
struct PlainSchedule {
    let minutes: [Int]
    let hours: [Int]
    let days: [Int]
    let months: [Int]
    let weekdays: [Int]
    /// Which of the two day fields are written with a star at their beginning.
    let dayStar: Bool
    let weekdayStar: Bool

    init(_ random: inout some RandomNumberGenerator) {
        func chosen(_ range: ClosedRange<Int>, _ most: Int) -> [Int] {
            Array(range.shuffled(using: &random).prefix(Int.random(in: 1...most, using: &random))).sorted()
        }
        minutes = chosen(0...59, 3)
        hours = chosen(0...23, 3)
        months = Bool.random(using: &random) ? [2] : chosen(1...12, 12)
        dayStar = Int.random(in: 0..<4, using: &random) == 0
        weekdayStar = Bool.random(using: &random)
        days = dayStar ? Array(1...31) : Bool.random(using: &random) ? [29] : chosen(1...31, 4)
        // A step of seven leaves Sunday alone, and of four Sunday and Thursday.
        weekdays = weekdayStar ? [[0], [0, 4], [0, 3, 6]].randomElement(using: &random) ?? [0] : chosen(0...6, 3)
    }

    var text: String {
        func list(_ values: [Int]) -> String { values.map(String.init).joined(separator: ",") }
        let week = weekdayStar ? "*/\([1: 7, 2: 4, 3: 3][weekdays.count] ?? 7)" : list(weekdays)
        return "\(list(minutes)) \(list(hours)) \(dayStar ? "*" : list(days)) \(list(months)) \(week)"
    }

    /// The first minute since 1970 after `moment` that matches, or nil where none does in 40 years of 366 days.
    func next(afterMinute moment: Int64, _ calendar: PlainCalendar) -> Int64? {
        let first = Int((moment + 1) / 1440)
        for index in first...(first + 40 * 366) where matches(calendar.days[index]) {
            for hour in hours {
                for minute in minutes {
                    let found = Int64(index * 1440 + hour * 60 + minute)
                    if found > moment { return found }
                }
            }
        }
        return nil
    }

    private func matches(_ date: (day: Int, month: Int, weekday: Int)) -> Bool {
        guard months.contains(date.month) else { return false }
        let byDay = days.contains(date.day)
        let byWeek = weekdays.contains(date.weekday)
        return dayStar || weekdayStar ? byDay && byWeek : byDay || byWeek
    }
}

/// SplitMix64: the same numbers each time.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
