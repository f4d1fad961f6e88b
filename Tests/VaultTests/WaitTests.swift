import Audit
import IssuedKeys
import Policy
import Sealing
import SecretMemory
import Storage
import StorageConformance
import Synchronization
import Testing

@testable import Vault

/// Retrievals that wait until there is something else than the asker has.
@Suite("Waiting for a change")
struct WaitTests {
    private static let files = [
        "app.yaml": """
        policy: app
        rules:
          - allow: [retrieve]
            keys: ["app/**"]
        callers:
          unix-users: [shop]
        """
    ]

    private func open() async throws -> TestVault {
        let vault = try await TestVault.open(files: TestFiles(Self.files))
        try await vault.put("app/a", "first")
        return vault
    }

    private func etag(_ vault: TestVault, _ query: ValueQuery) throws -> String {
        guard case .values(let values) = try vault.vault.retrieve(vault.administrator, query) else {
            throw Unexpected("unchanged")
        }
        return values.etag
    }

    /// Asks for what is there already, and waits.
    private func wait(
        _ vault: TestVault, as requester: Requester, _ text: String = "app/a", _ version: VersionChoice = .current,
        milliseconds: Int64 = 30_000
    ) throws -> Asker {
        let query = ValueQuery(path: try path(text), version: version)
        let asker = Asker(RetrievalWait(milliseconds: milliseconds))
        let request = RetrievalRequest(requester, query, unless: [try etag(vault, query)], wait: asker.wait)
        vault.vault.retrieve([request]) { for (_, result) in $0 { asker.told(result) } }
        return asker
    }

    // MARK: What must not be had by waiting

    @Test("A revoked access key is let go at once, as revoked, and gets nothing")
    func revoked() async throws {
        let vault = try await open()
        let key = try await vault.mint(["app"])
        let asker = try wait(vault, as: .key(key.text))
        vault.log.forget()
        _ = try await vault.vault.revoke(vault.administrator, id: key.record.id)
        #expect(await asker.brief == "unauthorized")
        try await vault.put("app/a", "second")
        #expect(asker.count == 1)
        #expect(vault.vault.waitCount == 0)
    }

    @Test("A disabled access key is let go at once")
    func disabled() async throws {
        let vault = try await open()
        let key = try await vault.mint(["app"])
        let asker = try wait(vault, as: .key(key.text))
        _ = try await vault.vault.disable(vault.administrator, id: key.record.id)
        #expect(await asker.brief == "unauthorized")
    }

    @Test("An access key that expires while it waits is let go then, before its wait is over")
    func expiring() async throws {
        let vault = try await open()
        let caller = try await vault.caller("app", expires: vault.clock.now + 10 * .second)
        let asker = try wait(vault, as: caller)
        vault.clock.advance(10 * .second)
        vault.vault.tendWaits()
        #expect(await asker.brief == "unauthorized")
    }

    @Test("Where the policies change, those who may no longer are refused at once, and the others go on waiting")
    func policies() async throws {
        let vault = try await open()
        try await vault.put("app/b", "b")
        let (gone, stays) = (
            try wait(vault, as: try await vault.caller("app")), try wait(vault, as: .unixUser("shop"), "app/b")
        )
        vault.files["app.yaml"] = """
            policy: app
            rules:
              - allow: [retrieve]
                keys: ["app/b"]
            callers:
              unix-users: [shop]
            """
        vault.log.forget()
        try await vault.vault.reloadPolicies()
        #expect(await gone.brief == "refused")
        #expect(vault.log.lines.contains { $0.hasPrefix("request refused retrieve") })
        try await vault.put("app/b", "another")
        #expect(await stays.brief == "app/b 2")
    }

    @Test("A sealed vault lets everybody go, and tells nobody anything")
    func sealed() async throws {
        let vault = try await open()
        let askers = try [wait(vault, as: vault.administrator), wait(vault, as: try await vault.caller("app"))]
        try await vault.seal()
        for asker in askers { #expect(await asker.brief == "sealed") }
        #expect(vault.vault.waitCount == 0)
    }

    @Test("What nobody could write down is not told")
    func log() async throws {
        let vault = try await open()
        let asker = try wait(vault, as: try await vault.caller("app"))
        // The change's own lines, and no more.
        vault.log.fail(after: 1)
        try await vault.put("app/a", "second")
        #expect(await asker.brief == "auditUnavailable")
    }

    @Test("One caller cannot take all the room, and leaves it when it goes")
    func room() async throws {
        let vault = try await open()
        vault.vault.limitWaits(to: 4, ofOne: 2)
        let (one, other) = (try await vault.caller("app"), try await vault.caller("app"))
        let waiting = try [wait(vault, as: one), wait(vault, as: one)]
        #expect(await (try wait(vault, as: one)).brief == "rateLimited")
        let more = try [wait(vault, as: other), wait(vault, as: other)]
        #expect(await (try wait(vault, as: vault.administrator)).brief == "overloaded")
        waiting[0].wait.end()
        #expect(await waiting[0].brief == "unchanged")
        _ = try wait(vault, as: one)
        #expect(vault.vault.waitCount == 4)
        try await vault.put("app/a", "second")
        #expect(await waiting[1].brief == "app/a 2")
        for asker in more { #expect(await asker.brief == "app/a 2") }
    }

    @Test("A key that is deleted, destroyed or expires ends the wait with what it is then")
    func gone() async throws {
        let vault = try await open()
        for name in ["app/trash", "app/destroyed", "app/expiring"] { try await vault.put(name, "v") }
        _ = try await vault.vault.change(
            vault.administrator, path("app/expiring"),
            MetadataChange(expires: .some(.some(vault.clock.now + 5 * .second))), if: .none)
        let askers = try ["app/trash", "app/destroyed", "app/expiring"].map {
            try wait(vault, as: .unixUser("shop"), $0)
        }
        _ = try await vault.vault.trash(vault.administrator, try path("app/trash"), if: .none)
        #expect(await askers[0].brief == "inTrash")
        _ = try await vault.vault.destroy(vault.administrator, try path("app/destroyed"), if: .none)
        #expect(await askers[1].brief == "notFound")
        vault.clock.advance(5 * .second)
        vault.vault.tendWaits()
        #expect(await askers[2].brief == "expired")
    }

    // MARK: What is to be had

    @Test("Who has something else is answered at once")
    func atOnce() async throws {
        let vault = try await open()
        let asker = Asker(RetrievalWait(milliseconds: 30_000))
        let request = RetrievalRequest(
            vault.administrator, ValueQuery(path: try path("app/a")), unless: ["older"], wait: asker.wait)
        vault.vault.retrieve([request]) { for (_, result) in $0 { asker.told(result) } }
        #expect(await asker.brief == "app/a 1")
        #expect(asker.wait.ended == nil)
    }

    @Test("A new version ends the wait; another key's, and new metadata, do not")
    func changed() async throws {
        let vault = try await open()
        let caller = try await vault.caller("app")
        let asker = try wait(vault, as: caller)
        vault.log.forget()
        try await vault.put("app/b", "other")
        _ = try await vault.vault.change(
            vault.administrator, path("app/a"), MetadataChange(description: .some("new words")), if: .none)
        try await vault.put("app/a", "second")
        #expect(await asker.brief == "app/a 2")
        #expect(asker.wait.ended != nil)
        // One line, from the end of the wait.
        #expect(vault.log.lines.filter { $0.contains("retrieve") }.count == 1)
        #expect(vault.log.entries.last { $0.action == "retrieve" }?.version == 2)
    }

    @Test("When the time is over nothing has changed, and that is written down")
    func timeIsOver() async throws {
        let vault = try await open()
        let asker = try wait(vault, as: try await vault.caller("app"))
        vault.log.forget()
        vault.clock.advance(29 * .second)
        vault.vault.tendWaits()
        vault.clock.advance(1 * .second)
        vault.vault.tendWaits()
        #expect(await asker.brief == "unchanged")
        #expect(vault.log.lines.count == 1)
        #expect(vault.vault.waitCount == 0)
    }

    @Test("A rolled access key goes on waiting for as long as it is honoured")
    func rolled() async throws {
        let vault = try await open()
        let key = try await vault.mint(["app"])
        let asker = try wait(vault, as: .key(key.text), milliseconds: 60_000)
        _ = try await vault.vault.roll(vault.administrator, id: key.record.id, overlap: 40 * .second)
        vault.clock.advance(39 * .second)
        vault.vault.tendWaits()
        #expect(vault.vault.waitCount == 1)
        vault.clock.advance(1 * .second)
        vault.vault.tendWaits()
        #expect(await asker.brief == "unauthorized")
    }

    @Test("Whoever is looked at while its moment passes is looked at again, and nobody is who has time left")
    func passing() throws {
        let list = WaitingList()
        let waiter = WaitingList.Waiter(
            paths: [], caller: "app", issued: nil, deadline: 60_000, look: { _, _ in .waits(until: 60_000) })
        let ticket = try list.enter(waiter, until: 1_000, seen: list.changes)
        list.tend(at: 1_000)
        #expect(list.takeWoken(most: 9).map(\.ticket) == [ticket])
        // Its next moment comes before the look is over.
        list.tend(at: 2_000)
        list.stay(ticket, until: 1_500)
        #expect(list.takeWoken(most: 9).map(\.ticket) == [ticket])
        list.stay(ticket, until: 3_000)
        list.tend(at: 2_750)
        #expect(list.takeWoken(most: 9).isEmpty)
        list.tend(at: 3_000)
        #expect(list.takeWoken(most: 9).map(\.ticket) == [ticket])
    }

    @Test("Who waits for the previous version hears when it is no longer honoured")
    func previous() async throws {
        let vault = try await open()
        try await vault.put("app/a", fields: ["value": "second"], overlap: 20 * .second)
        let asker = try wait(vault, as: .unixUser("shop"), "app/a", .previous)
        vault.clock.advance(20 * .second)
        vault.vault.tendWaits()
        #expect(await asker.brief == "noSuchVersion")
    }

    @Test("No change is missed that comes while somebody begins to wait")
    func race() async throws {
        let vault = try await open()
        let query = ValueQuery(path: try path("app/a"))
        for round in 2..<200 {
            let known = try etag(vault, query)
            let asker = Asker(RetrievalWait(milliseconds: 30_000))
            let request = RetrievalRequest(vault.administrator, query, unless: [known], wait: asker.wait)
            async let change = vault.put("app/a", "round \(round)")
            vault.vault.retrieve([request]) { for (_, result) in $0 { asker.told(result) } }
            _ = try await change
            #expect(await asker.brief == "app/a \(round)")
        }
        #expect(vault.vault.waitCount == 0)
    }

    @Test("A thousand who wait for ten keys are all told, once each")
    func many() async throws {
        let vault = try await open()
        vault.vault.limitWaits(to: 2_000, ofOne: 2_000)
        let names = (0..<10).map { "app/many\($0)" }
        for name in names { try await vault.put(name, "v") }
        let caller = try await vault.caller("app")
        let askers = try (0..<1_000).map { try wait(vault, as: caller, names[$0 % 10]) }
        #expect(vault.vault.waitCount == 1_000)
        for name in names { try await vault.put(name, "w") }
        for (index, asker) in askers.enumerated() { #expect(await asker.brief == "\(names[index % 10]) 2") }
        #expect(askers.allSatisfy { $0.count == 1 })
        #expect(vault.vault.waitCount == 0)
    }
}

/// One who asks, and what it was told.
private final class Asker: Sendable {
    let wait: RetrievalWait
    private let results: AsyncStream<Result<Retrieval, VaultError>>
    private let arrivals: AsyncStream<Result<Retrieval, VaultError>>.Continuation
    private let told = Mutex(0)

    init(_ wait: RetrievalWait) {
        self.wait = wait
        (results, arrivals) = AsyncStream.makeStream()
    }

    func told(_ result: Result<Retrieval, VaultError>) {
        told.withLock { $0 += 1 }
        arrivals.yield(result)
    }

    /// How often it was told something.
    var count: Int { told.withLock { $0 } }

    /// What it is told first, in brief; waits for it.
    var brief: String {
        get async {
            for await result in results {
                switch result {
                case .success(.unchanged): return "unchanged"
                case .success(.values(let values)): return "\(values.path) \(values.version)"
                case .failure(let error): return "\(error.code)"
                }
            }
            return "nothing"
        }
    }
}
