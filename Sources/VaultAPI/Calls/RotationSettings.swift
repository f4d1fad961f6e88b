/// What people are shown of where a key's rotation stands.
package enum KeyRotationState: String, WireWord {
    /// The next one waits for its time.
    case scheduled
    /// Its time has come, and it begins in a moment.
    case due
    /// A new value is being made.
    case rotating
    /// The new value is current, and the one before is still honoured.
    case overlapping
    /// The last attempt failed, and another one follows.
    case failing
    /// A person has to look before anything else is done.
    case held
    /// It should have been done by now.
    case overdue
    /// Nothing is begun until it is unpaused.
    case paused
}

/// What becomes of a rotation that was due while nobody could do it.
package enum MissedRotation: String, WireWord {
    /// One is made up for.
    case now
    /// It is left out, and the next regular one counts.
    case next
}

/// When the version before a rotation ends.
package enum RetirementRule: String, WireWord {
    /// When the overlap is over.
    case afterOverlap = "after-overlap"
    /// When everybody who fetched it has the new one, not before the overlap is over and not after the deadline.
    case whenAcknowledged = "when-acknowledged"
}

/// `rotation` in the body of `PUT` and `PATCH /v1/keys/{path}`: how a key is to be replaced. It replaces all that was
/// said of it before. Durations are texts such as `90d`.
package struct RotationRequest: WireRequest, Equatable {
    /// Who makes the new value: `generate`, `issuer`, `http`, `postgres`, `aws-iam`, `command` or `manual`.
    package var rotator: String
    /// How long after a rotation the next one is due, such as `90d`. Without it and a schedule only when it is asked for.
    package var every: String?
    /// The same as five fields of cron, in UTC.
    package var schedule: String?
    /// What the rotator wants to know; no secrets.
    package var settings: [String: String]?
    /// How long the version before is still honoured; not at all unless said.
    package var overlap: String?
    /// `now` unless said.
    package var missed: MissedRotation?
    /// `after-overlap` unless said.
    package var retire: RetirementRule?
    /// With `when-acknowledged`: when the version before ends at the latest, counted from the rotation.
    package var deadline: String?
    /// By how much a rotation may be late so that not all keys are replaced at one moment.
    package var jitter: String?
    /// Times of day, in UTC, between which a rotation may begin, such as `22:00-04:00`.
    package var window: DayWindow?
    /// Whether nothing is begun for now.
    package var paused: Bool?

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case rotator, every, schedule, settings, overlap, missed, retire, deadline, jitter, window, paused
    }

    package init(
        rotator: String, every: String? = nil, schedule: String? = nil, settings: [String: String]? = nil,
        overlap: String? = nil, missed: MissedRotation? = nil, retire: RetirementRule? = nil, deadline: String? = nil,
        jitter: String? = nil, window: DayWindow? = nil, paused: Bool? = nil
    ) {
        self.rotator = rotator
        self.every = every
        self.schedule = schedule
        self.settings = settings
        self.overlap = overlap
        self.missed = missed
        self.retire = retire
        self.deadline = deadline
        self.jitter = jitter
        self.window = window
        self.paused = paused
    }
}

/// Two times of day in UTC, to the minute; over midnight where the first is the later. On the wire `22:00-04:00`.
package struct DayWindow: Hashable, Sendable, CustomStringConvertible {
    /// Minutes after midnight, 0 to 1439.
    package let from: Int
    package let until: Int

    package static let expectation = "two different times of day such as `22:00-04:00`, in UTC"

    /// - Parameters: minutes after midnight, 0 to 1439.
    package init(from: Int, until: Int) {
        self.from = from
        self.until = until
    }

    /// Nil where `text` is not of the form `HH:MM-HH:MM`, or the two are the same.
    package init?(parsing text: String) {
        let ends = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard ends.count == 2, let from = Self.minutes(ends[0]), let until = Self.minutes(ends[1]), from != until
        else { return nil }
        self.init(from: from, until: until)
    }

    private static func minutes(_ text: Substring.UTF8View) -> Int? {
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 2, let hour = twoDigits(parts[0]), let minute = twoDigits(parts[1]), hour < 24, minute < 60
        else { return nil }
        return hour * 60 + minute
    }

    private static func twoDigits(_ text: Substring.UTF8View) -> Int? {
        guard text.count == 2, text.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return text.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    package var description: String { "\(Self.clock(from))-\(Self.clock(until))" }

    private static func clock(_ minutes: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(minutes / 60)):\(two(minutes % 60))"
    }
}

extension DayWindow: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let window = DayWindow(parsing: text) else {
            throw WireRefusal(at: decoder.codingPath, expected: Self.expectation)
        }
        self = window
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
