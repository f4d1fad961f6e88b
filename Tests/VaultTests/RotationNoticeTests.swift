import Audit
import Policy
import Rotation
import Sealing
import Testing

@testable import Vault

@Suite("People are told of a change once")
struct RotationNoticeTests {
    @Test("A key that expires soon is told of once, before and after restarts")
    func expiring() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k", "v", metadata: MetadataChange(expires: TestClock.start + 20 * .day))
        try await vault.pass(13 * .day - 1)
        #expect(vault.notices.all == [])
        try await vault.pass(2)
        #expect(vault.notices.kinds == [.expiring])
        #expect(vault.notices.all.first?.path == "k")
        #expect(vault.notices.all.first?.due == TestClock.start + 20 * .day)
        try await vault.put("other")
        let again = try await vault.reopened()
        try await again.pass(3 * .day)
        #expect(vault.notices.kinds == [.expiring])
    }

    @Test("What fails for a year is told of once, and again when it fails after it was well")
    func failing() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k", rotation: .provider(overlap: .hour))
        vault.provider.fail(all: "create", .says(.unreachable, retryAfter: nil))
        try await vault.pass(60 * .day)
        #expect(vault.notices.kinds == [.failing, .overdue])
        #expect(vault.notices.all[0].fault == .unreachable)
        #expect(vault.notices.all[0].nextAttempt != nil)
        vault.provider.fail(all: "create", nil)
        try await vault.pass(.day)
        #expect(vault.notices.kinds == [.failing, .overdue, .rotated])
        vault.provider.fail(all: "create", .says(.unreachable, retryAfter: nil))
        try await vault.pass(60 * .day)
        #expect(vault.notices.kinds.suffix(2) == [.failing, .overdue])
    }

    @Test("What became of telling is in the log, without anything of the receiver")
    func noted() async throws {
        let vault = try await TestVault.open()
        let notice = RotationNotice(.rotated, path: "k", keyID: "0", version: 2, time: 0)
        vault.vault.noted(notice, NoticeOutcome(receiver: "chat", ending: .delivered, tries: 1))
        vault.vault.noted(notice, NoticeOutcome(receiver: "chat", ending: .givenUp, tries: 9, fault: .unreachable))
        #expect(vault.log.lines == ["event notice k", "event failed notice k (unreachable)"])
        #expect(vault.log.entries.first?.detail?.text == "rotated")
    }
}
