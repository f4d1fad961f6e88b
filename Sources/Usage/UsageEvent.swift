/// One line of the audit log, as far as it is counted.
package struct UsageEvent: Sendable {
    package enum Act: Equatable, Sendable {
        /// A value was handed out.
        case read
        /// Anything else that was done.
        case action
        /// Something was refused, or failed, with this code.
        case refusal(String)
        /// An issued key was verified, with this code.
        case verification(String)
    }

    /// Who asked.
    package struct Caller: Hashable, Sendable {
        package var subject: UsageSubject
        /// What people call it.
        package var name: String

        package init(_ subject: UsageSubject, name: String) {
            self.subject = subject
            self.name = name
        }
    }

    /// Milliseconds since 1970 UTC.
    package var time: Int64
    package var act: Act
    /// The path of a key.
    package var key: String?
    /// Nil for strangers and for what Keyturn does by itself.
    package var caller: Caller?
    /// The id of the access key that the caller presented.
    package var presented: String?
    /// The id of an issued key that was verified.
    package var verified: String?
    package var issuer: String?
    /// How often it happened: refusals to strangers are written down together.
    package var times: UInt32

    package init(
        time: Int64, _ act: Act, key: String? = nil, caller: Caller? = nil, presented: String? = nil,
        verified: String? = nil, issuer: String? = nil, times: UInt32 = 1
    ) {
        self.times = times
        self.time = time
        self.act = act
        self.key = key
        self.caller = caller
        self.presented = presented
        self.verified = verified
        self.issuer = issuer
    }
}

extension UsageEvent {
    /// Both events in one, where they are the same to all together and to whoever asked; nil where they are not.
    func joined(by next: UsageEvent) -> UsageEvent? {
        guard presented == next.presented, act == next.act, caller == next.caller,
            Slot.hour(time) == Slot.hour(next.time)
        else { return nil }
        var sum = self
        sum.time = max(time, next.time)
        let (times, overflow) = times.addingReportingOverflow(next.times)
        sum.times = overflow ? .max : times
        return sum
    }
}

extension UsageEvent.Act {
    /// Whether a name gets counters of its own by it.
    var admits: Bool { if case .refusal = self { false } else { true } }

    /// Whether something was given.
    var isUse: Bool {
        switch self {
        case .read, .action: true
        case .refusal: false
        case .verification(let code): code == "VALID"
        }
    }
}
