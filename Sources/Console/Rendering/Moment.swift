internal import VaultAPI

/// Moments on pages: in UTC for those without scripts; `console.js` shows them in the reader's zone.
enum Moment {
    /// For the partial `moment`.
    ///
    /// - Parameter milliseconds: since 1970.
    static func view(_ milliseconds: Int64) -> View {
        let iso = VaultAPI.Timestamp(milliseconds: milliseconds / 1000 * 1000).description
        return ["iso": iso, "shown": shown(iso), "exact": exact(iso)]
    }

    /// For a time that is a text of RFC 3339 in UTC.
    static func view(iso: String) -> View {
        VaultAPI.Timestamp(parsing: iso).map { view($0.milliseconds) }
            ?? ["iso": iso, "shown": iso, "exact": iso]
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `21 Nov 2026, 12:00 UTC`.
    private static func shown(_ iso: String) -> String {
        let parts = iso.split { "-T:Z".contains($0) }
        guard parts.count >= 6, let month = Int(parts[1]), let day = Int(parts[2]), (1...12).contains(month) else {
            return iso
        }
        return "\(day) \(months[month - 1]) \(parts[0]), \(parts[3]):\(parts[4]) UTC"
    }

    /// `2026-11-21 12:00:00 UTC`.
    private static func exact(_ iso: String) -> String {
        iso.replacing("T", with: " ").replacing("Z", with: " UTC")
    }

    /// `3 days`, `2 hours`: the largest unit that fits, rounded down.
    static func length(_ milliseconds: Int64) -> String {
        let units: [(Int64, String)] = [
            (86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1000, "second"),
        ]
        for (size, name) in units where milliseconds >= size {
            let count = milliseconds / size
            return count == 1 ? "1 \(name)" : "\(count) \(name)s"
        }
        return "a moment"
    }

    /// How far it is, and the time itself, for who wants to know it exactly.
    static func distance(_ milliseconds: Int64, now: Int64) -> View {
        ["moment": view(milliseconds), "words": relative(milliseconds, now: now)]
    }

    /// `in 3 days`, `2 hours ago`.
    static func relative(_ milliseconds: Int64, now: Int64) -> String {
        milliseconds >= now ? "in \(length(milliseconds - now))" : "\(length(now - milliseconds)) ago"
    }
}
