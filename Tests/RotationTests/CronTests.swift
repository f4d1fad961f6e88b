import RotationSimulation
import Testing

@testable import Rotation

@Suite("Schedules")
struct CronTests {
    @Test(
        "What is no schedule is refused",
        arguments: [
            "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 13 * ",
            "* * * * 8",
            "*/0 * * * *", "5-1 * * * *", "1,,2 * * * *", "a * * * *", "-1 * * * *", "1-2-3 * * * *", "1/2/3 * * * *",
            "* * * foo *", "001 * * * *", "@daily", "１ * * * *",
        ])
    func refused(text: String) {
        #expect(throws: CronError.self) { try CronSchedule(parsing: text) }
    }

    @Test("A day that never comes is refused", arguments: ["0 0 30 2 *", "0 0 31 4,6,9,11 *"])
    func never(text: String) {
        #expect(throws: CronError.never) { try CronSchedule(parsing: text) }
    }

    /// 2026-01-01 was a Thursday; expectations are days and minutes after it.
    @Test(
        "The next time is the first that matches",
        arguments: [
            ("* * * * *", 0, 0, 1), ("0 3 * * *", 0, 0, 180), ("0 0 * * 0", 0, 3, 0), ("0 0 * * 7", 0, 3, 0),
            ("0 0 * * SUN", 0, 3, 0), ("*/15 9-17 * * mon-fri", 0, 0, 540), ("30 2 29 2 *", 0, 789, 150),
            // Either day suffices where both are said ...
            ("0 0 13 * fri", 0, 1, 0),
            // ... and both are needed where one begins with a star, as in Vixie's cron.
            ("0 0 */2 * fri", 0, 8, 0), ("0 0 1-7 * */7", 0, 3, 0), ("59 23 31 12 *", 0, 364, 1439),
        ])
    func next(text: String, from: Int64, days: Int64, minutes: Int64) throws {
        let schedule = try CronSchedule(parsing: text)
        #expect(schedule.next(after: beginning + from) == beginning + days * day + minutes * minute)
    }

    @Test("It is after the moment, even one that matches")
    func after() throws {
        let schedule = try CronSchedule(parsing: "0 0 1 1 *")
        #expect(schedule.next(after: beginning) == beginning + 365 * day)
        #expect(schedule.next(after: beginning - 1) == beginning)
    }

    @Test("Nights on which other clocks are changed have every hour once")
    func daylight() throws {
        // 2026-03-29 and 2026-10-25, when Europe changes its clocks.
        for change in [87, 297] as [Int64] {
            let schedule = try CronSchedule(parsing: "30 * * * *")
            var moment = beginning + change * day - 1
            for hour in 0..<24 as Range<Int64> {
                moment = schedule.next(after: moment) ?? 0
                #expect(moment == beginning + change * day + (hour * 60 + 30) * minute)
            }
        }
    }

    @Test("A day that comes once in eight years is found")
    func century() throws {
        let schedule = try CronSchedule(parsing: "0 0 29 2 *")
        // 2096-02-29, 2104-02-29: 2100 has none.
        #expect(schedule.next(after: 3_981_398_400_000) == 4_233_686_400_000)
    }

    @Test("The next time is that which a walk from day to day finds, for any schedule and moment")
    func walk() throws {
        var random = SplitMix(state: 41)
        let calendar = PlainCalendar()
        var rare = 0
        for _ in 0..<400 {
            let plain = PlainSchedule(&random)
            guard let schedule = try? CronSchedule(parsing: plain.text) else {
                #expect(plain.next(afterMinute: -1, calendar) == nil, "\(plain.text)")
                continue
            }
            for _ in 0..<3 {
                let from = Int64.random(in: 0..<PlainCalendar.years * 365 * 1440, using: &random)
                let expected = plain.next(afterMinute: from, calendar)
                #expect(schedule.next(after: from * minute + 59_999) == expected.map { $0 * minute }, "\(plain.text)")
                if let expected, expected - from > 366 * 1440 { rare += 1 }
            }
        }
        #expect(rare > 10)
    }

    @Test("Each day of four centuries follows the one before")
    func calendar() {
        var before = CivilTime(days: -719_468)
        for days in (-719_467 as Int64)...(-719_468 + 146_097) {
            let date = CivilTime(days: days)
            let follows =
                date.day == before.day + 1 && date.month == before.month
                || date.day == 1 && (date.month == before.month + 1 || date.month == 1 && date.year == before.year + 1)
            #expect(follows)
            if !follows { return }
            before = date
        }
        #expect(before == CivilTime(days: -719_468 + 146_097))
        #expect(before.year == 400 && before.month == 3 && before.day == 1)
    }
}
