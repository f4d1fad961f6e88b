import Audit
import Policy
import Sealing
import Storage
import StorageConformance
import Synchronization
import Testing

@testable import Vault

@Suite("Sealing")
struct SealTests {
    @Test("Who may not operate does not seal")
    func authority() async throws {
        let vault = try await TestVault.open()
        #expect(await code { try await vault.vault.seal(.stranger) } == .unauthorized)
        #expect(await code { try await vault.vault.seal(.unixUser("payments")) } == .refused)
        #expect(await code { try await vault.vault.seal(.unixUser("root", id: 0)) } == .refused)
        #expect(vault.vault.status().state == .unsealed)
        try await vault.vault.seal(.unixUser("olivia"))
        #expect(vault.vault.status().state == .sealed)
        #expect(await code { try await vault.seal() } == .sealed)
    }

    @Test("Afterwards the session is gone from memory, and every request is told that the vault is sealed")
    func gone() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        let watch = try Watch(vault)
        try await vault.seal()
        #expect(watch.session == nil)
        #expect(watch.keyring == nil)
        let (engine, admin, key) = (vault.vault, vault.administrator, try path("k"))
        #expect(await code { try vault.get("k") } == .sealed)
        #expect(await code { try vault.list() } == .sealed)
        #expect(await code { try vault.inspect("k") } == .sealed)
        #expect(await code { try await vault.put("k") } == .sealed)
        #expect(await code { try await engine.destroy(admin, key, if: .none) } == .sealed)
        #expect(await code { try engine.accessKeys(admin, state: nil, words: [], limit: 1, cursor: nil) } == .sealed)
        #expect(await code { try await engine.rotateKeyring(admin) } == .sealed)
        #expect(await code { try engine.slots(admin) } == .sealed)
        #expect(await code { try await vault.leave() } == .sealed)
        #expect(await code { try engine.whoAmI(admin) } == .sealed)
        #expect(await code { try engine.policies(.operatorAlone) } == .sealed)
        #expect(engine.health().checks.first { $0.name == "seal" }?.ok == false)
        try await vault.unseal()
        #expect(try vault.get("k") == "value")
    }

    @Test("Leave to change the seal does not outlive it in memory")
    func ceremonies() async throws {
        let vault = try await TestVault.open()
        let watch = try Watch(vault)
        _ = try await vault.leave()
        watch.watchLeave(vault)
        #expect(watch.leave != nil)
        try await vault.seal()
        #expect(watch.leave == nil)
    }

    @Test("Leave that has expired goes from memory with the next maintenance")
    func expiredLeave() async throws {
        let vault = try await TestVault.open()
        let watch = try Watch(vault)
        _ = try await vault.leave()
        watch.watchLeave(vault)
        vault.clock.advance(5 * .minute - 1)
        try await vault.vault.maintain()
        #expect(watch.leave != nil)
        vault.clock.advance(1)
        try await vault.vault.maintain()
        #expect(watch.leave == nil)
    }

    @Test("Those who asked to be told are told, once for each seal, however it came about")
    func listeners() async throws {
        let vault = try await TestVault.open()
        let told = Told()
        vault.vault.onSealed { told.note() }
        try await vault.seal()
        #expect(told.times == 1)
        _ = await code { try await vault.seal() }
        #expect(told.times == 1)
        try await vault.unseal()
        vault.store.replaceFile()
        #expect(await code { try await vault.put("k") } == .storeDamaged)
        #expect(told.times == 2)
        vault.store.reopen()
        try await vault.unseal()
        await vault.vault.sealAtEnd()
        #expect(told.times == 3)
    }

    @Test("A seal lets the commit under way end, and refuses those that wait")
    func committing() async throws {
        let made = try await TestVault.open()
        let hold = Hold(made.store)
        let vault = try await made.reopened(hold)
        // So that nothing is left to be written down when the seal begins.
        _ = try vault.list()
        try await vault.vault.maintain()
        hold.shut()
        async let first = code { try await vault.put("first") }
        await hold.reached()
        async let second = code { try await vault.put("second") }
        let committer = Weak(try vault.vault.opened().committer)
        while (committer.object?.waitingCount ?? 1) < 1 { await Task.yield() }
        async let sealed = code { try await vault.seal() }
        while vault.vault.status().state != .sealed { await Task.yield() }
        hold.open()
        #expect(await sealed == nil)
        #expect(await first == nil)
        #expect(await second == .sealed)
        try await vault.unseal()
        #expect(try vault.list() == ["first"])
    }

    @Test("A seal does not wait for a store that hangs: the vault is closed, and it says that a request holds its keys")
    func hangingStore() async throws {
        let made = try await TestVault.open()
        let hold = Hold(made.store)
        let vault = try TestVault(hold, log: made.log, clock: made.clock, files: made.files, sealPatience: 20)
        _ = try await vault.unseal()
        // Something that the seal would save.
        _ = try vault.list(as: made.administrator)
        hold.shut()
        let sealed = Task { await code { try await vault.seal() } }
        await hold.reached()
        #expect(await sealed.value == .internal)
        #expect(vault.vault.status().state == .sealed)
        hold.open()
    }

    @Test("An unseal waits for the commit that the session before it had under way")
    func unsealMeanwhile() async throws {
        let made = try await TestVault.open()
        let hold = Hold(made.store)
        let vault = try await made.reopened(hold)
        hold.shut()
        async let first = code { try await vault.put("first") }
        await hold.reached()
        _ = vault.vault.end()
        async let unsealed = code { try await vault.unseal() }
        for _ in 0..<200 { await Task.yield() }
        #expect(vault.vault.status().state == .sealed)
        hold.open()
        #expect(await first == nil)
        #expect(await unsealed == nil)
        try await vault.put("second")
        #expect(try vault.list() == ["first", "second"])
    }

    @Test("Retrievals that run while the vault is sealed again and again get the value or `sealed`, and it opens again")
    func underLoad() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k", String(repeating: "x", count: 600))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    for _ in 0..<300 {
                        let told = await code {
                            let value = try vault.get("k")
                            #expect(value == String(repeating: "x", count: 600))
                        }
                        #expect(told == nil || told == .sealed)
                        await Task.yield()
                    }
                }
            }
            group.addTask {
                for _ in 0..<20 {
                    try await vault.seal()
                    try await vault.unseal()
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("The end of a session is waited for only so long, and known at once when it has come")
    func patience() async {
        let held = Ending()
        #expect(await held.wait(milliseconds: 1) == false)
        async let first = held.wait(milliseconds: 1_000_000)
        async let second = held.wait(milliseconds: 1_000_000)
        held.signal()
        #expect(await first)
        #expect(await second)
        #expect(await held.wait(milliseconds: 1_000_000))
        held.signal()
    }

    @Test("A request that holds the keys does not stop the seal; that is told, and until it ends nothing is unsealed")
    func heldSession() async throws {
        let vault = try await TestVault.open(sealPatience: 1)
        try await vault.put("k")
        var held: Vault.Open? = try vault.vault.opened()
        #expect(held?.session.readOnly == false)
        let error = await failure { try await vault.seal() }
        #expect(error?.code == .internal)
        #expect(error?.detail.contains("still holds") == true)
        #expect(vault.vault.status().state == .sealed)
        #expect(await code { try vault.get("k") } == .sealed)
        #expect(await code { try await vault.unseal() } == .overloaded)
        #expect(vault.vault.status().state == .sealed)
        held = nil
        // Whatever the seal left behind on other threads may hold it for a moment longer.
        var refusal: VaultError.Code? = .overloaded
        for _ in 0..<100_000 where refusal == .overloaded {
            await Task.yield()
            refusal = await code { try await vault.unseal() }
        }
        #expect(refusal == nil)
        #expect(try vault.get("k") == "value")
    }

    @Test("What was counted of strangers, and last used, is written down before the end")
    func atEnd() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        for _ in 0..<5 { _ = await code { try vault.get("k", as: .stranger) } }
        vault.clock.advance(.minute)
        _ = try vault.get("k")
        vault.log.forget()
        await vault.vault.sealAtEnd()
        #expect(vault.log.lines == ["intent record_usage", "request refused stranger (unauthorized)", "request seal"])
        #expect(try await vault.reopened().inspect("k").lastUsed == TestClock.start + .minute)
    }
}

/// What must not be in memory any more.
private final class Watch {
    weak var session: Session?
    weak var keyring: Keyring?
    weak var leave: Ceremonies.Leave?

    init(_ vault: TestVault) throws {
        let open = try vault.vault.opened()
        session = open.session
        keyring = open.session.keyring
    }

    func watchLeave(_ vault: TestVault) { leave = vault.vault.ceremonies.leaves.first }
}

private struct Weak<Object: AnyObject> {
    weak var object: Object?
    init(_ object: Object) { self.object = object }
}

private final class Told: Sendable {
    private let count = Atomic<Int>(0)
    var times: Int { count.load(ordering: .relaxed) }
    func note() { count.add(1, ordering: .relaxed) }
}
