import RotationSimulation
import Testing

@testable import Rotation

@Suite("When rotations are due")
struct TimesTests {
    private let keyID: [UInt8] = [1, 2, 3]

    private func times(_ timing: RotationPolicy.Timing, _ change: (inout RotationPolicy) -> Void = { _ in })
        -> RotationTimes
    {
        var policy = RotationPolicy(timing: timing)
        change(&policy)
        return RotationTimes(policy, keyID: keyID)
    }

    @Test("Settings that cannot be kept are refused by name")
    func refused() {
        func setting(_ change: (inout RotationPolicy) -> Void) -> String? {
            var policy = RotationPolicy(timing: .every(30 * day))
            change(&policy)
            do throws(RotatorSettingsError) { try policy.check() } catch { return error.setting }
            return nil
        }
        #expect(setting { $0.timing = .every(59_999) } == "every")
        #expect(setting { $0.timing = .every(.max) } == "every")
        #expect(setting { $0.overlap = 31 * day } == "overlap")
        #expect(setting { $0.overlap = -1 } == "overlap")
        #expect(setting { $0.jitter = 16 * day } == "jitter")
        #expect(setting { $0.retirement = .whenAcknowledged(deadline: 31 * day) } == "deadline")
        #expect(
            setting {
                $0.overlap = 2 * day; $0.retirement = .whenAcknowledged(deadline: day)
            } == "deadline")
        #expect(setting { $0.window = RotationWindow(from: 60, until: 60) } == "window")
        #expect(setting { $0.window = RotationWindow(from: 60, until: 1_440) } == "window")
        #expect(setting { $0.timing = .every(60_000) } == nil)
    }

    @Test("Jitter is never early, never more than was said, and the same each time")
    func jitter() {
        let plain = times(.every(30 * day))
        let spread = times(.every(30 * day)) { $0.jitter = hour }
        #expect(plain.due(after: beginning) == beginning + 30 * day)
        let due = spread.due(after: beginning) ?? 0
        #expect((beginning + 30 * day..<beginning + 30 * day + hour).contains(due))
        #expect(spread.due(after: beginning) == due)
    }

    @Test("Keys that are due together are spread over the jitter")
    func spread() {
        let shares = (0..<1_000).map { number in
            Scatter(keyID: [UInt8(number & 255), UInt8(number >> 8)]).share(of: 1_000, beginning)
        }
        for tenth in 0..<10 {
            let count = shares.count { $0 / 100 == Int64(tenth) }
            #expect((50...150).contains(count))
        }
    }

    @Test("Outside the window a rotation waits for it to open, over midnight as well")
    func window() {
        let night = times(.every(day)) { $0.window = RotationWindow(from: 22 * 60, until: 4 * 60) }
        #expect(night.due(after: beginning) == beginning + day)
        #expect(night.due(after: beginning + 5 * hour) == beginning + day + 22 * hour)
        #expect(night.due(after: beginning + 23 * hour) == beginning + day + 23 * hour)
        #expect(night.due(after: beginning + 4 * hour) == beginning + day + 22 * hour)
    }

    @Test("What is left out is counted, and the next time is a regular one")
    func skipping() throws {
        let every = times(.every(30 * day)).skipping(from: beginning, to: beginning + 200 * day)
        #expect(every.due == beginning + 210 * day)
        #expect(every.skipped == 7)
        let monthly = times(.schedule(try CronSchedule(parsing: "0 0 1 * *")))
        let left = monthly.skipping(from: beginning, to: beginning + 45 * day)
        #expect(left.due == beginning + 59 * day)
        #expect(left.skipped == 2)
    }

    @Test("Waits double up to the cap, and never fall below three quarters of it")
    func backoff() {
        let times = times(.every(day))
        for count in 1...40 {
            let whole = min(5_000 << Int64(min(count - 1, 24)), hour)
            let wait = times.backoff(count, from: 5_000, cap: hour, at: beginning)
            #expect((whole * 3 / 4 - 1...whole).contains(wait))
        }
    }

    @Test("A clock that jumps back stands still, and one that leaps is not believed before somebody confirms it")
    func clock() {
        #expect(ClockGuard.time(wall: 5, mark: 10, confirmed: 0) == (10, false))
        #expect(
            ClockGuard.time(wall: beginning + 400 * day, mark: beginning, confirmed: 0) == (
                beginning + 400 * day, false
            ))
        #expect(ClockGuard.time(wall: beginning + 400 * day + 1, mark: beginning, confirmed: 0) == (beginning, true))
        let late = beginning + 2_000 * day
        #expect(ClockGuard.time(wall: late, mark: beginning, confirmed: late) == (late, false))
        #expect(ClockGuard.time(wall: late + 401 * day, mark: late, confirmed: late) == (late, true))
    }
}
