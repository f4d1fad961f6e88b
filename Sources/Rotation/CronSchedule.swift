/// Why a text is no schedule. Nothing of the text is in it.
package enum CronError: Error, Equatable, Sendable, CustomStringConvertible {
    case fieldCount
    case malformed(field: String)
    /// Such as the 30th of February.
    case never

    package var description: String {
        switch self {
        case .fieldCount: "a schedule has five fields: minute, hour, day of the month, month, day of the week (UTC)"
        case .malformed(let field):
            "the schedule's \(field) is numbers, ranges (1-5), steps (*/10), names (mon, jan) or lists of them"
        case .never: "no day is ever as the schedule says"
        }
    }
}

/// When something is due, as crontab(5) spells it: five fields, read in UTC all year.
///
/// As in Vixie's cron, a day matches where both day fields match; but where neither of the two begins with `*`, one of
/// them suffices. 0 and 7 are Sunday.
package struct CronSchedule: Sendable, Equatable {
    private let minutes: UInt64
    private let hours: UInt64
    private let days: UInt64
    private let months: UInt64
    private let weekdays: UInt64
    private let eitherDay: Bool

    /// Days that are searched: each weekday has its 29th of February within 40 years, whatever century begins.
    private static let searched: Int64 = 40 * 366

    /// - Throws: ``CronError``.
    package init(parsing text: String) throws(CronError) {
        let fields = text.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: true).map(Array.init)
        guard fields.count == 5, text.utf8.count <= 256 else { throw .fieldCount }
        minutes = try CronField("minute", 0...59).bits(fields[0])
        hours = try CronField("hour", 0...23).bits(fields[1])
        days = try CronField("day of the month", 1...31).bits(fields[2])
        months = try CronField("month", 1...12, names: CronField.months).bits(fields[3])
        let week = try CronField("day of the week", 0...7, names: CronField.weekdays).bits(fields[4])
        weekdays = (week | week >> 7) & 0x7F
        let star = UInt8(ascii: "*")
        eitherDay = fields[2].first != star && fields[4].first != star
        guard next(after: 0) != nil else { throw .never }
    }

    /// The first minute after `moment` that matches, in milliseconds since 1970; nil where none does in 40 years.
    ///
    /// Goes from month to month, some 480 at most, and looks in each only at days that match.
    package func next(after moment: Int64) -> Int64? {
        let start = (floorDivide(moment, CivilTime.minuteLength) + 1) * CivilTime.minuteLength
        let first = floorDivide(start, CivilTime.dayLength)
        let minuteOfFirst = Int((start - first * CivilTime.dayLength) / CivilTime.minuteLength)
        let last = first + Self.searched
        var date = CivilTime(days: first)
        var firstOfMonth = first - Int64(date.day - 1)
        while firstOfMonth <= last {
            var left = matchingDays(of: date, from: firstOfMonth) & (UInt64.max << UInt64(date.day))
            while left != 0 {
                let day = firstOfMonth + Int64(left.trailingZeroBitCount - 1)
                guard day <= last else { return nil }
                if let minute = minute(from: day == first ? minuteOfFirst : 0) {
                    return day * CivilTime.dayLength + Int64(minute) * CivilTime.minuteLength
                }
                left &= left - 1
            }
            firstOfMonth += Int64(date.monthLength)
            date = date.nextMonth
        }
        return nil
    }

    /// One bit for each day of the month of `date` that matches, from bit 1; `first` is the day on which the month begins.
    private func matchingDays(of date: CivilTime, from first: Int64) -> UInt64 {
        guard months >> UInt64(date.month) & 1 == 1 else { return 0 }
        // The week six times over, from the weekday on which the month begins.
        let weeks = weekdays * (1 | 1 << 7 | 1 << 14 | 1 << 21 | 1 << 28 | 1 << 35)
        let byWeek = (weeks >> UInt64(CivilTime.weekday(days: first))) << 1
        return (eitherDay ? days | byWeek : days & byWeek) & ((1 << UInt64(date.monthLength + 1)) - 2)
    }

    /// The first minute of the day, counted from midnight, that matches and is not before `from`.
    private func minute(from: Int) -> Int? {
        for hour in (from / 60)..<24 where hours >> UInt64(hour) & 1 == 1 {
            let first = hour == from / 60 ? from % 60 : 0
            for minute in first..<60 where minutes >> UInt64(minute) & 1 == 1 { return hour * 60 + minute }
        }
        return nil
    }
}

/// One field of a schedule.
private struct CronField {
    static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    static let weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    let name: String
    let range: ClosedRange<Int>
    /// Names of the values, from the first of the range.
    let names: [String]

    init(_ name: String, _ range: ClosedRange<Int>, names: [String] = []) {
        self.name = name
        self.range = range
        self.names = names
    }

    /// One bit for each value that the field allows.
    func bits(_ text: [UInt8]) throws(CronError) -> UInt64 {
        var all: UInt64 = 0
        for item in text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            all |= try bits(item: item)
        }
        return all
    }

    private func bits(item: ArraySlice<UInt8>) throws(CronError) -> UInt64 {
        let parts = item.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count <= 2, let span = parts.first else { throw .malformed(field: name) }
        let step = parts.count == 2 ? try number(parts[1]) : 1
        guard step >= 1 else { throw .malformed(field: name) }
        let bounds = try bounds(span)
        var bits: UInt64 = 0
        for value in stride(from: bounds.lowerBound, through: bounds.upperBound, by: step) {
            bits |= 1 << UInt64(value)
        }
        return bits
    }

    private func bounds(_ span: ArraySlice<UInt8>) throws(CronError) -> ClosedRange<Int> {
        if span.elementsEqual([UInt8(ascii: "*")]) { return range }
        let ends = span.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard ends.count <= 2, let first = ends.first, let last = ends.last else { throw .malformed(field: name) }
        let (low, high) = (try value(first), try value(last))
        guard low <= high, range.contains(low), range.contains(high) else { throw .malformed(field: name) }
        return low...high
    }

    private func value(_ text: ArraySlice<UInt8>) throws(CronError) -> Int {
        let lower = text.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        if let place = names.firstIndex(where: { $0.utf8.elementsEqual(lower) }) { return range.lowerBound + place }
        return try number(text)
    }

    private func number(_ text: ArraySlice<UInt8>) throws(CronError) -> Int {
        guard (1...2).contains(text.count), text.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw .malformed(field: name)
        }
        return text.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}

func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    let quotient = value / divisor
    return value % divisor < 0 ? quotient - 1 : quotient
}
