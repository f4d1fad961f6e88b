import Policy
import SecretMemory
import StorageConformance
import Synchronization
import Testing

@testable import Vault

/// Requests that come in together, answered without waiting.
@Suite("Retrieving together")
struct RetrieveTogetherTests {
    private static let files = TestFiles([
        "app.yaml": """
        policy: app
        rules:
          - allow: [retrieve]
            keys: ["app/**"]
        """
    ])

    /// What became of the requests, in their order.
    private func outcomes(
        _ vault: TestVault, _ requests: [RetrievalRequest]
    ) async -> [Result<Retrieval, VaultError>] {
        let found = Mutex<[Int: Result<Retrieval, VaultError>]>([:])
        return await withCheckedContinuation { continuation in
            vault.vault.retrieve(requests) { outcomes in
                let all = found.withLock { found -> [Result<Retrieval, VaultError>]? in
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

    private func brief(_ result: Result<Retrieval, VaultError>) -> String {
        switch result {
        case .success(.unchanged(let etag)): "unchanged \(etag)"
        case .success(.values(let values)):
            "\(values.path) \(values.version) \(values.fields.map { "\($0.name)=\($0.value.text)" }.joined(separator: " "))"
        case .failure(let error): "\(error.code)"
        }
    }

    @Test("Where the log takes nothing, nobody is told anything")
    func log() async throws {
        let vault = try await TestVault.open(files: Self.files)
        try await vault.put("app/a", "v")
        let app = try await vault.caller("app")
        vault.log.fail()
        let requests = try ["app/a", "app/none", "other/a"].map {
            RetrievalRequest(app, ValueQuery(path: try path($0)))
        }
        #expect(await outcomes(vault, requests).map(brief) == Array(repeating: "auditUnavailable", count: 3))
    }

    @Test("Where the log takes some lines, those requests alone are answered")
    func half() async throws {
        let vault = try await TestVault.open(files: Self.files)
        try await vault.put("app/a", "v")
        // Read once, so that it is in memory: then all lines are written together, in order.
        _ = try vault.get("app/a")
        let app = try await vault.caller("app")
        vault.log.fail(after: 2)
        let requests = try Array(repeating: RetrievalRequest(app, ValueQuery(path: path("app/a"))), count: 3)
        #expect(
            await outcomes(vault, requests).map(brief) == ["app/a 1 value=v", "app/a 1 value=v", "auditUnavailable"])
    }

    @Test("A sealed vault answers nobody")
    func sealed() async throws {
        let vault = try await TestVault.open()
        try await vault.put("app/a", "v")
        try await vault.seal()
        let requests = try [RetrievalRequest(vault.administrator, ValueQuery(path: path("app/a")))]
        #expect(await outcomes(vault, requests).map(brief) == ["sealed"])
    }

    @Test("Each request gets what it would get alone, and has the line that it would have alone")
    func same() async throws {
        let vault = try await TestVault.open(files: Self.files)
        try await vault.put("app/a", fields: ["value": "v", "id": "i"])
        try await vault.put("app/a", fields: ["value": "w", "id": "j"], overlap: .hour)
        try await vault.put("app/large", String(repeating: "x", count: 5_000))
        try await vault.put("app/trash", "t")
        _ = try await vault.vault.trash(vault.administrator, try path("app/trash"), if: .none)
        let app = try await vault.caller("app")
        let revoked = try await vault.mint(["app"])
        _ = try await vault.vault.revoke(vault.administrator, id: revoked.record.id)
        // Reopened, so that some of it has to be read from the store.
        let opened = try await vault.reopened()
        guard case .values(let known) = try opened.vault.retrieve(app, ValueQuery(path: try path("app/a"))) else {
            throw Unexpected("unchanged")
        }
        let queries = [
            ValueQuery(path: try path("app/a")), ValueQuery(path: try path("app/a"), field: "id"),
            ValueQuery(path: try path("app/a"), version: .previous),
            ValueQuery(path: try path("app/a"), version: .number(1)),
            ValueQuery(path: try path("app/a"), version: .number(7)),
            ValueQuery(path: try path("app/a"), field: "none"), ValueQuery(path: try path("app/large")),
            ValueQuery(path: try path("app/trash")), ValueQuery(path: try path("app/none")),
            ValueQuery(path: try path("other/a")),
        ]
        let askers = [app, opened.administrator, .key(revoked.text), .key("keyturn_nonsense"), .stranger]
        var requests: [RetrievalRequest] = []
        for asker in askers {
            for query in queries {
                requests.append(RetrievalRequest(asker, query))
                requests.append(RetrievalRequest(asker, query, unless: ["nothing", known.etag]))
            }
        }
        opened.log.forget()
        let together = await outcomes(opened, requests).map(brief)
        // Large values are read elsewhere, and their lines come when they come. Strangers are counted, not each written.
        func lines() -> [String] { opened.log.lines.filter { $0.contains(" retrieve ") }.sorted() }
        let written = lines()
        opened.log.forget()
        let alone = requests.map { request in
            brief(
                Result { () throws(VaultError) in
                    try opened.vault.retrieve(request.requester, request.query, unless: request.etags)
                })
        }
        #expect(together == alone)
        #expect(!written.isEmpty && written == lines())
        #expect(Set(alone.map { $0.split(separator: " ")[0] }).count >= 7)
    }

    @Test("What is in memory is answered before the call returns, and nothing is read from the store for it")
    func atOnce() async throws {
        let vault = try await TestVault.open()
        try await vault.put("app/a", "v")
        _ = try vault.get("app/a")
        let before = vault.store.reads
        let told = Mutex<[String]>([])
        let requests = try [RetrievalRequest(vault.administrator, ValueQuery(path: path("app/a")))]
        vault.vault.retrieve(requests) { outcomes in
            told.withLock { $0 += outcomes.map { self.brief($0.result) } }
        }
        #expect(told.withLock { $0 } == ["app/a 1 value=v"])
        #expect(vault.store.reads == before)
    }
}
