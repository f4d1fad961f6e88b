import Audit
import IssuedKeys
import SecretMemory
import StorageConformance
import Synchronization
import Testing

@testable import Vault

/// Keys to verify that come in together, answered without waiting.
@Suite("Verifying together")
struct VerifyTogetherTests {
    /// What became of the requests, in their order.
    private func outcomes(
        _ vault: TestVault, _ requests: [VerificationRequest]
    ) async -> [Result<Verification, VaultError>] {
        let found = Mutex<[Int: Result<Verification, VaultError>]>([:])
        return await withCheckedContinuation { continuation in
            vault.vault.verify(requests) { outcomes in
                let all = found.withLock { found -> [Result<Verification, VaultError>]? in
                    for (index, result) in outcomes {
                        #expect(found[index] == nil)
                        found[index] = result
                    }
                    guard found.count == requests.count else { return nil }
                    return requests.indices.compactMap { found[$0] }
                }
                if let all { continuation.resume(returning: all) }
            }
        }
    }

    private func codes(_ vault: TestVault, _ requests: [VerificationRequest]) async -> [String] {
        await outcomes(vault, requests).map { result in
            switch result {
            case .success(let answer): answer.code.rawValue
            case .failure(let error): "\(error.code)"
            }
        }
    }

    private func brief(_ result: Result<Verification, VaultError>) -> String {
        switch result {
        case .success(let answer):
            "\(answer.code) \(answer.key?.id ?? "-") \(answer.windows) \(String(describing: answer.quota))"
        case .failure(let error): "\(error.code) \(error.field ?? "-") \(error.missingAction ?? "-")"
        }
    }

    @Test("Where the log takes nothing, nobody is told anything")
    func log() async throws {
        let vault = try await TestVault.withTeams()
        let key = try await vault.issue()
        let gateway = try await vault.caller("gateway")
        let reader = try await vault.caller("reader")
        vault.log.fail()
        let requests = [(gateway, key.text), (gateway, WipedBytes(utf8: "x")), (reader, key.text)].map {
            VerificationRequest($0.0, VerifyQuery(key: $0.1))
        }
        #expect(await codes(vault, requests) == Array(repeating: "auditUnavailable", count: 3))
    }

    @Test("Where the log takes some lines, those requests alone are answered")
    func half() async throws {
        let vault = try await TestVault.withTeams()
        let key = try await vault.issue()
        vault.log.fail(after: 2)
        let requests = Array(
            repeating: VerificationRequest(vault.administrator, VerifyQuery(key: key.text)), count: 3)
        #expect(await codes(vault, requests) == ["VALID", "VALID", "auditUnavailable"])
    }

    @Test("A sealed vault answers nobody")
    func sealed() async throws {
        let vault = try await TestVault.withTeams()
        let key = try await vault.issue()
        try await vault.seal()
        let request = VerificationRequest(vault.administrator, VerifyQuery(key: key.text))
        #expect(await codes(vault, [request]) == ["sealed"])
    }

    @Test("With a limit of n, n of those that come together pass, the first ones", arguments: ["5/s", "5/m"])
    func limited(_ limit: String) async throws {
        let vault = try await TestVault.withTeams()
        let key = try await vault.issue("shop", IssueRequest(name: "a", limits: [limit]))
        let request = VerificationRequest(vault.administrator, VerifyQuery(key: key.text))
        let found = await codes(vault, Array(repeating: request, count: 12))
        #expect(found.count { $0 == "VALID" } == 5)
        #expect(found.count { $0 == "RATE_LIMITED" } == 7)
        if limit == "5/s" { #expect(found.prefix(5).allSatisfy { $0 == "VALID" }) }
    }

    @Test("What cannot be made durable does not pass, and holds up nobody else")
    func notDurable() async throws {
        let vault = try await TestVault.withTeams()
        let counted = try await vault.issue("shop", IssueRequest(name: "a", quota: Quota(uses: 5)))
        let free = try await vault.issue()
        vault.store.fail(.notWritten)
        let requests = [counted, free].map { VerificationRequest(vault.administrator, VerifyQuery(key: $0.text)) }
        #expect(await codes(vault, requests) == ["storeUnavailable", "VALID"])
        #expect(await codes(vault, requests) == ["VALID", "VALID"])
        #expect(try await vault.verify(counted.text, cost: 0).quota?.remaining == 4)
    }

    @Test("A revocation that has returned is in force for all that come together afterwards")
    func revoked() async throws {
        let vault = try await TestVault.withTeams()
        let key = try await vault.issue()
        let requests = Array(
            repeating: VerificationRequest(vault.administrator, VerifyQuery(key: key.text)), count: 3)
        #expect(await codes(vault, requests) == ["VALID", "VALID", "VALID"])
        _ = try await vault.vault.revoke(vault.administrator, of: "shop", id: key.record.id)
        #expect(await codes(vault, requests) == ["REVOKED", "REVOKED", "REVOKED"])
    }

    @Test("Each request gets what it would get alone, and has the line that it would have alone")
    func same() async throws {
        let vault = try await TestVault.withTeams()
        let (engine, admin) = (vault.vault, vault.administrator)
        let plain = try await vault.issue("shop", IssueRequest(name: "a", owner: "acme", scopes: ["read"]))
        let limited = try await vault.issue(
            "shop", IssueRequest(name: "b", limits: ["10/s", "9/h"], quota: Quota(uses: 7, refill: .monthly)))
        let spent = try await vault.issue("shop", IssueRequest(name: "c", limits: ["1/h"]))
        let counted = try await vault.issue("shop", IssueRequest(name: "d", quota: Quota(uses: 1)))
        for key in [spent, counted] { #expect(try await vault.verdict(key.text) == .valid) }
        let near = try await vault.issue("shop", IssueRequest(name: "e", networks: ["192.0.2.0/24"]))
        let brief = try await vault.issue("shop", IssueRequest(name: "f", expires: .at(vault.clock.now + 5)))
        let revoked = try await vault.issue("shop")
        _ = try await engine.revoke(admin, of: "shop", id: revoked.record.id)
        let disabled = try await vault.issue("shop")
        _ = try await engine.disable(admin, of: "shop", id: disabled.record.id)
        let bank = try await vault.issue("bank")
        let settings = IssueRequest(name: "g")
        let old = ImportedKey(sha256: sha256(of: "sk_old_1"), settings: settings)
        _ = try await engine.importKeys(admin, into: "shop", [old])
        vault.clock.advance(10)
        var texts = [plain, limited, spent, counted, near, brief, revoked, disabled, bank].map(\.text)
        texts += ["sk_old_1", "x", "", String(plain.text.text.dropLast()), String(repeating: "k", count: 2000)]
            .map { WipedBytes(utf8: $0) }
        let address = try IPAddress(parsing: "192.0.2.9")
        var queries = texts.flatMap { text in
            [
                VerifyQuery(key: text, cost: 0), VerifyQuery(key: text, issuer: "shop", scope: "read", cost: 0),
                VerifyQuery(key: text, network: address, cost: 0),
            ]
        }
        // What is refused spends nothing, so that it can be asked twice.
        queries += [spent, counted].map { VerifyQuery(key: $0.text) }
        queries += [VerifyQuery(key: limited.text, cost: 11), VerifyQuery(key: plain.text, issuer: "bank", cost: 0)]
        queries += [VerifyQuery(key: plain.text, issuer: "../x"), VerifyQuery(key: plain.text, cost: -1)]
        let askers = [
            admin, try await vault.caller("gateway"), try await vault.caller("reader"), .key("keyturn_nonsense"),
            .stranger,
        ]
        let requests = askers.flatMap { asker in queries.map { VerificationRequest(asker, $0) } }
        vault.log.forget()
        let together = await outcomes(vault, requests).map(self.brief)
        func lines() -> [String] {
            vault.log.entries.filter { $0.action.text == "verify" }.map { "\($0.brief) \($0.detail?.text ?? "-")" }
        }
        let written = lines()
        vault.log.forget()
        var alone: [String] = []
        for request in requests {
            do throws(VaultError) {
                alone.append(self.brief(.success(try await engine.verify(request.requester, request.query))))
            } catch {
                alone.append(self.brief(.failure(error)))
            }
        }
        #expect(together == alone)
        #expect(!written.isEmpty && written == lines())
        for code in VerifyCode.allCases { #expect(alone.contains { $0.hasPrefix("\(code) ") }, "\(code)") }
    }

    @Test("What needs no lease is answered before the call returns")
    func atOnce() async throws {
        let vault = try await TestVault.withTeams()
        let key = try await vault.issue()
        let told = Mutex<[String]>([])
        vault.vault.verify([VerificationRequest(vault.administrator, VerifyQuery(key: key.text))]) { outcomes in
            told.withLock { $0 += outcomes.map { self.brief($0.result) } }
        }
        #expect(told.withLock { $0.count } == 1)
    }
}
