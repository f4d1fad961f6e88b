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
        let id = try vault.inspect("k").id
        #expect(vault.notices.all.first?.subject == .key(path: "k", id: id, version: 1))
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
        try await vault.pass(31 * .day + 2 * .hour)
        #expect(vault.notices.kinds == [.failing, .overdue])
        #expect(vault.notices.all[0].fault == .unreachable)
        #expect(vault.notices.all[0].nextAttempt != nil)
        vault.provider.fail(all: "create", nil)
        try await vault.pass(.day)
        #expect(vault.notices.kinds == [.failing, .overdue, .rotated])
        vault.provider.fail(all: "create", .says(.unreachable, retryAfter: nil))
        try await vault.pass(30 * .day + 4 * .hour)
        #expect(vault.notices.kinds.suffix(2) == [.failing, .overdue])
    }

    @Test("An issued key that expires soon is told of once, before and after restarts: an access key, and a customer's")
    func issuedKeys() async throws {
        let vault = try await TestVault.open()
        let shop = try await vault.issuer().name
        func expect(_ told: [String]) {
            #expect(
                vault.notices.all.map { notice in
                    guard case .issuedKey(let issuer, let id, let name) = notice.subject, !id.isEmpty else {
                        return "-"
                    }
                    return "\(notice.kind) \(issuer) \(name) \(((notice.due ?? 0) - TestClock.start) / .day)"
                } == told)
        }
        func key(_ name: String, days: Int64) -> AccessKeyRequest {
            AccessKeyRequest(name: name, policies: ["auditor"], expires: TestClock.start + days * .day)
        }
        func issue(_ name: String, days: Int64) async throws -> String {
            try await vault.vault.issue(vault.administrator, key(name, days: days)).record.id
        }
        _ = try await issue("app", days: 20)
        // Who lives no longer than the notice, and who is gone or followed when the time comes, is not told of.
        _ = try await issue("short", days: 7)
        let (gone, off, rolled) = (
            try await issue("gone", days: 20), try await issue("off", days: 20), try await issue("rolled", days: 20)
        )
        _ = try await vault.vault.revoke(vault.administrator, id: gone)
        _ = try await vault.vault.disable(vault.administrator, id: off)
        _ = try await vault.vault.issue(
            vault.administrator, from: shop,
            IssueRequest(name: "customer", expires: .at(TestClock.start + 21 * .day)))
        try await vault.pass(12 * .day)
        _ = try await vault.vault.roll(vault.administrator, id: rolled, overlap: 20 * .day)
        try await vault.pass(.day - 1)
        expect([])
        try await vault.pass(.hour)
        expect(["expiring keyturn app 20"])
        try await vault.put("other")
        let again = try await vault.reopened()
        try await again.pass(.day)
        expect(["expiring keyturn app 20", "expiring shop customer 21"])
        // The successor of what was rolled lives for 20 days from then, and is told of in its time.
        try await again.pass(12 * .day)
        #expect(vault.notices.all.count == 3)
        try await again.seal()
        try await again.reopened().pass(30 * .day)
        #expect(vault.notices.all.count == 3)
        again.log.forget()
        again.vault.noted(vault.notices.all[1], NoticeOutcome(receiver: "chat", ending: .delivered, tries: 1))
        #expect(again.log.entries.first?.issuer == "shop" && again.log.entries.first?.key == nil)
        #expect(again.log.entries.first?.issuedKey?.isEmpty == false)
    }

    @Test("What became of telling is in the log, with the receiver's name and nothing else of it")
    func noted() async throws {
        let vault = try await TestVault.open()
        let notice = RotationNotice(.rotated, of: .key(path: "k", id: "0", version: 2), time: 0)
        vault.vault.noted(notice, NoticeOutcome(receiver: "chat", ending: .delivered, tries: 1))
        vault.vault.noted(notice, NoticeOutcome(receiver: "chat", ending: .givenUp, tries: 9, fault: .unreachable))
        #expect(vault.log.lines == ["event notice k", "event failed notice k (unreachable)"])
        #expect(vault.log.entries.first?.detail?.text == "rotated")
        #expect(vault.log.entries.map(\.target) == ["chat", "chat"])
    }
}
