internal import Synchronization

/// Moments as the `Date` header has them (RFC 9110, section 5.6.7): `Sat, 21 Nov 2026 03:29:07 GMT`.
enum HTTPDate {
    /// The text of the last second that was asked for: all replies of a second have the same.
    private static let last = Mutex<(second: Int64, text: String)?>(nil)

    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// - Parameter milliseconds: since 1970; what is before that is taken for its start.
    static func text(_ milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds / 1000)
        if let last = last.withLock({ $0 }), last.second == seconds { return last.text }
        let text = text(seconds: seconds)
        last.withLock { $0 = (seconds, text) }
        return text
    }

    private static func text(seconds: Int64) -> String {
        let (day, ofDay) = seconds.quotientAndRemainder(dividingBy: 86_400)
        let (year, month, date) = civil(day)
        let time = [ofDay / 3600, ofDay / 60 % 60, ofDay % 60].map { two($0) }.joined(separator: ":")
        return "\(days[Int(day % 7)]), \(two(date)) \(months[Int(month) - 1]) \(year) \(time) GMT"
    }

    private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// The date of a day, counted from 1970-01-01. Years are counted from March, so that leap days come last.
    private static func civil(_ day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let (era, ofEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let fromMarch = (5 * ofYear + 2) / 153
        let month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        return (year, month, ofYear - (153 * fromMarch + 2) / 5 + 1)
    }
}
