import Testing

@testable import Usage

extension Int64 {
    static let hour: Int64 = 3_600_000
    static let day: Int64 = 86_400_000
    /// 2026-01-01T00:00:00Z.
    static let start: Int64 = 1_767_225_600_000
}

extension UsageSubject {
    static func key(_ path: String) -> UsageSubject { UsageSubject(.key, path) }
    static func user(_ id: Int) -> UsageSubject { UsageSubject(.unixUser, "\(id)") }
}

extension UsageEvent {
    static func read(_ key: String, at time: Int64 = .start, by user: Int = 1000) -> UsageEvent {
        UsageEvent(time: time, .read, key: key, caller: .init(.user(user), name: "user\(user)"))
    }

    static func refusal(_ key: String, _ code: String = "refused", at time: Int64 = .start) -> UsageEvent {
        UsageEvent(time: time, .refusal(code), key: key, caller: .init(.user(1000), name: "user1000"))
    }

    static func verification(_ id: String, _ code: String, at time: Int64 = .start) -> UsageEvent {
        UsageEvent(
            time: time, .verification(code), caller: .init(.user(7), name: "api"), verified: id, issuer: "shop")
    }
}

/// Limits that a test can reach.
func small(_ change: (inout UsageLimits) -> Void) -> UsageLimits {
    var limits = UsageLimits()
    change(&limits)
    return limits
}

extension UsageBook {
    /// The same book, as it would be found in another process.
    mutating func reloaded(limits: UsageLimits = UsageLimits()) -> UsageBook {
        let changes = takeChanges(all: true)
        let pages = changes.written()
        var book = UsageBook(
            limits: limits,
            lines: UsageBook.lines(pages[0].bytes, upTo: changes.lines.upTo) ?? CountedLines(upTo: changes.lines.upTo))
        for page in pages.dropFirst() {
            let isRead = book.load(page.bytes)
            #expect(isRead)
        }
        return book
    }
}
