import SecretMemory
import Testing

@testable import VaultAPI

@Suite("Issuers and issued keys on the wire")
struct IssuedKeyWireTests {
    private func refused<Request: WireRequest>(_ type: Request.Type, _ json: String) -> WireRefusal? {
        do {
            _ = try WireJSON.request(type, from: Array(json.utf8))
            return nil
        } catch {
            return error
        }
    }

    @Test("A member that a tier or an imported key does not know is refused with its place")
    func strict() {
        let tier = #"{"name":"shop","tiers":{"free":{"limit":["10/s"]}}}"#
        #expect(refused(CreateIssuerRequest.self, tier)?.field == "tiers.free.limit")
        #expect(refused(EditIssuerRequest.self, #"{"tiers":{"free":{"limit":[]}}}"#)?.field == "tiers.free.limit")
        let key = #"{"keys":[{"sha256":"00","name":"x","key":"y"}]}"#
        #expect(refused(ImportIssuedKeysRequest.self, key)?.field == "keys[0].key")
        #expect(refused(ImportIssuedKeysRequest.self, #"{"keys":[{"name":"x"}]}"#)?.field == "keys[0].sha256")
        #expect(refused(VerifyBatchRequest.self, #"{"keys":[{"key":"x","ip":"y"}]}"#)?.code == .unknownMember)
        #expect(refused(EditIssuerRequest.self, #"{"prefix":"x"}"#)?.code == .unknownMember)
    }

    @Test(
        "A value that is not what a member takes is refused, and is in no message",
        arguments: [
            #"{"name":"MARKER"}"#, #"{"key":["MARKER"]}"#, #"{"key":"x","cost":"MARKER"}"#,
            #"{"key":"x","network":{"MARKER":1}}"#, #"{"MARKER-1":"x","key":"y"}"#,
        ])
    func silent(json: String) throws {
        let refusal = try #require(refused(VerifyRequest.self, json))
        #expect(!"\(refusal) \(refusal.problem)".contains("MARKER"))
    }

    @Test("What is verified prints as [secret]")
    func secret() {
        #expect(!"\(VerifyRequest(key: SecretText("MARKER")))".contains("MARKER"))
        #expect(!"\(FindKeysRequest(key: SecretText("MARKER")))".contains("MARKER"))
    }

    @Test("Requests keep what they hold on their way")
    func requests() throws {
        let tiers = ["free": TierSettings(limits: ["10/s"], quota: 5, quotaRefill: .monthly)]
        let issuer = CreateIssuerRequest(name: "shop", lifetime: "90d", tiers: tiers, environment: .test)
        #expect(try WireJSON.request(from: WireJSON.encode(issuer)) == issuer)
        for edit in [
            EditIssuerRequest(), EditIssuerRequest(lifetime: .cleared, tiers: .set(tiers)),
            EditIssuerRequest(scopes: .set([]), tiers: .cleared),
        ] {
            #expect(try WireJSON.request(from: WireJSON.encode(edit)) == edit)
        }
        let settings = IssueKeyRequest(
            name: "a", scopes: ["x"], limits: ["10/s"], quota: 3, quotaRefill: .never, metadata: ["plan": "gold"])
        #expect(try WireJSON.request(from: WireJSON.encode(settings)) == settings)
        let keys = ImportIssuedKeysRequest(keys: [
            ImportedIssuedKey(sha256: "00", prefix: "sk_", settings: settings),
            ImportedIssuedKey(sha256: "01", settings: IssueKeyRequest(name: "b")),
        ])
        #expect(try WireJSON.request(from: WireJSON.encode(keys)) == keys)
    }

    @Test("A verification has the names of the contract, and of an unknown key the code alone")
    func reply() throws {
        let unknown = try WireJSON.encode(VerifyReply(valid: false, code: .notFound))
        #expect(String(decoding: unknown, as: UTF8.self) == #"{"code":"NOT_FOUND","valid":false}"#)
        let reply = VerifyReply(
            valid: true, code: .valid, issuer: "shop", id: "i", name: "n", owner: "o", scopes: ["s"], remaining: 4,
            limits: [LimitStanding(limit: "10/s", remaining: 4, resets: WireRoundTripTests.moment)],
            quota: QuotaStanding(uses: 9, used: 1, remaining: 8, refill: .never), retryAfter: 2)
        let json = try WireJSON.encode(reply)
        for name in ["valid", "code", "id", "name", "owner", "scopes", "remaining", "retry_after"] {
            #expect(String(decoding: json, as: UTF8.self).contains("\"\(name)\":"))
        }
        #expect(try WireJSON.reply(VerifyReply.self, from: json) == reply)
    }

    @Test("A key's report has what it has left and its usage among the members of its record")
    func report() throws {
        let record = IssuedKeyRecord(
            id: "i", issuer: "shop", name: "n", description: "", owner: "", prefix: "shop",
            created: Timestamp(milliseconds: 0), createdBy: "c", scopes: [], limits: ["10/s"], quota: 5, state: .active,
            lineage: "i")
        let counts = UsageTotals(reads: 0, actions: 0, refusals: [:], verifications: ["VALID": 1])
        let hour = UsageInterval(start: Timestamp(milliseconds: 0), counts: counts)
        for left in [
            nil,
            IssuedKeyReport.Allowance(
                remaining: 3, limits: [LimitStanding(limit: "10/s", remaining: 3, resets: Timestamp(milliseconds: 9))],
                quota: QuotaStanding(uses: 5, used: 1, remaining: 4, refill: .never)),
        ] {
            let report = IssuedKeyReport(
                record: record, left: left, usage: .init(total: counts, hours: [hour], days: [hour]))
            let json = try WireJSON.encode(report)
            #expect(try WireJSON.reply(IssuedKeyReport.self, from: json) == report)
            #expect(try WireJSON.reply(IssuedKeyRecord.self, from: json) == record)
        }
    }
}
