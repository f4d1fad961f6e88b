import ArgumentParser
import Testing
import VaultAPI

@testable import keyturn

@Suite("Issuers and issued keys on the command line")
struct IssuedKeyCommandTests {
    @Test(
        "A tier that cannot be read is wrong usage, and is not repeated",
        arguments: [
            ["MARKER"], ["=10/s"], ["free=MARKER"], ["free=10/s", "free=1/s"], ["free=quota=MARKER"],
            ["free=quota=0"], ["free=quota=-1"], ["free=quota=1/year"], ["free=quota=1,quota=2"], ["free=quota=1/"],
        ])
    func badTiers(texts: [String]) {
        let failure = #expect(throws: Failure.self) { try TierText.parse(texts) }
        #expect(failure?.exit == .usage)
        #expect(failure?.lines.joined().contains("MARKER") == false)
    }

    @Test("A tier is a name with limits and a quota")
    func tiers() throws {
        #expect(
            try TierText.parse(["free=10/s, 1000/d,quota=20000/month", "pro=100/s", "open="]) == [
                "free": TierSettings(limits: ["10/s", "1000/d"], quota: 20_000, quotaRefill: .monthly),
                "pro": TierSettings(limits: ["100/s"]), "open": TierSettings(),
            ])
        #expect(try TierText.parse(["t=quota=5"]) == ["t": TierSettings(quota: 5, quotaRefill: .never)])
    }

    @Test("What is noted with a key has a name, once")
    func metadata() throws {
        #expect(try MetadataPair.parse([]) == nil)
        #expect(try MetadataPair.parse(["plan=gold", "note=a=b", "e="]) == ["plan": "gold", "note": "a=b", "e": ""])
        for bad in [["plan"], ["=x"], ["a=1", "a=2"]] {
            #expect(throws: Failure.self) { try MetadataPair.parse(bad) }
        }
    }

    @Test("A public key that nothing limits is warned of, and no other key is")
    func openKey() {
        func warning(_ visibility: Visibility, limits: [String] = [], quota: Int? = nil) -> String? {
            IssuedKeyDetails.warning(
                of: IssuedKeyRecord(
                    id: "0", issuer: "web", name: "page", description: "", owner: "", prefix: "web",
                    created: Timestamp(milliseconds: 0), createdBy: "", scopes: [], limits: limits, quota: quota,
                    visibility: visibility, state: .active, lineage: "0"))
        }
        #expect(warning(.public)?.contains("nothing limits it") == true)
        #expect(warning(.public, limits: ["1/s"]) == nil && warning(.public, quota: 5) == nil)
        #expect(warning(.private) == nil)
    }

    @Test("Wrong names, ids and numbers are wrong usage before a connection is made")
    func checks() async throws {
        let lines: [[String]] = [
            ["issuer", "show", "../x"], ["issuer", "create", ".x"], ["issuer", "edit", "shop"],
            ["issuer", "edit", "shop", "--clear", "scopes", "--scope", "a"], ["issue", "a/b", "x"],
            ["issue", "shop", "x", "--quota", "MARKER"], ["issue", "shop", "x", "--expires", "0d"],
            ["issue", "shop", "x", "--meta", "MARKER"], ["issued", "show", "shop", "shop_MARKER"],
            ["issued", "revoke", "shop"], ["issued", "revoke", "shop", "000000000001", "--owner", "x"],
            ["issued", "list", "shop", "--limit", "0"], ["issued", "import", "shop", "/nonexistent"],
            ["verify", "MARKER", "--cost=-1"], ["verify", "MARKER", "--cost", "1000001"],
            ["verify", "MARKER", "--issuer", "a/b"],
        ]
        for line in lines {
            let parsed = try KeyturnCommand.parseAsRoot(line + ["--address", "unix:/nonexistent"])
            var command = try #require(parsed as? any AsyncParsableCommand, "\(line)")
            do {
                try await command.run()
                Issue.record("\(line) ran")
            } catch {
                #expect((error as? Failure)?.exit == .usage, "\(line): \(error)")
                #expect((error as? Failure)?.lines.joined().contains("MARKER") == false)
            }
        }
    }

    @Test("The end of a key is a time, a length or never")
    func ends() throws {
        var request = IssueKeyRequest(name: "x")
        try request.end(nil)
        #expect(request == IssueKeyRequest(name: "x"))
        try request.end("never")
        #expect(request.lifetime == "never")
        try request.end("90d")
        #expect(request.lifetime == "90d" && request.expires == nil)
        var other = IssueKeyRequest(name: "x")
        try other.end("2027-01-31T12:00:00Z")
        #expect(other.expires != nil && other.lifetime == nil)
    }

    @Test("A verification is shown with what is left, and text from outside is inert")
    func shown() {
        let reply = VerifyReply(
            valid: false, code: .rateLimited, issuer: "shop", id: "i", name: "\u{1b}[2J", owner: "a\nb", scopes: ["s"],
            remaining: 0, limits: [LimitStanding(limit: "10/s", remaining: 0, resets: Timestamp(milliseconds: 0))],
            quota: QuotaStanding(uses: 9, used: 1, remaining: 8, refill: .monthly), retryAfter: 3)
        let lines = VerifyCommand.details(of: reply).lines
        #expect(lines.contains("owner:         a\\nb"))
        #expect(lines.contains("limit 10/s:    0 left, all of it at 1970-01-01T00:00:00Z"))
        #expect(lines.contains("quota 9/month: 8 left"))
        #expect(lines.contains("try again in:  3 s"))
        #expect(!lines.joined().contains("\u{1b}"))
    }

    @Test("A key is shown with what it has left, and with its limits as they were given where that is not known")
    func details() {
        let record = IssuedKeyRecord(
            id: "i", issuer: "shop", name: "n", description: "", owner: "", prefix: "shop",
            created: Timestamp(milliseconds: 0), createdBy: "c", scopes: [], limits: ["10/s"], quota: 5, state: .active,
            lineage: "i")
        let counts = UsageTotals(reads: 0, actions: 0, refusals: [:], verifications: ["VALID": 7, "EXPIRED": 1])
        var report = IssuedKeyReport(record: record, usage: .init(total: counts, hours: [], days: []))
        let without = IssuedKeyDetails.details(of: report).lines
        #expect(without.contains("limits:      10/s") && without.contains("verified:    EXPIRED 1, VALID 7"))
        report.left = .init(
            remaining: 3, limits: [LimitStanding(limit: "10/s", remaining: 3, resets: Timestamp(milliseconds: 0))],
            quota: QuotaStanding(uses: 5, used: 1, remaining: 4, refill: .never))
        let lines = IssuedKeyDetails.details(of: report).lines
        #expect(lines.contains("limit 10/s:  3 left, all of it at 1970-01-01T00:00:00Z"))
        #expect(lines.contains("quota 5:     4 left") && !lines.contains { $0.hasPrefix("limits:") })
    }
}
