import Audit
import Policy
import Storage
import StorageConformance
import Testing

@testable import Vault

@Suite("Policies and their reload")
struct PolicyReloadTests {
    static let broken = [
        "policy: [",
        "policy: reader\nrules:\n  - allow: [everything]\n    keys: [\"**\"]\n",
        """
        policy: reader
        rules:
          - allow: [retrieve]
            keys: ["a/**"]
        tests:
          - {allow: retrieve, key: b/c}
        """,
        "policy: administrator\nrules:\n  - allow: [retrieve]\n    keys: [\"**\"]\n",
        "policy: reader\nrulez: []\n",
    ]

    @Test(
        "A file that is broken, has an unknown word or fails its own test keeps the engine from starting",
        arguments: broken)
    func start(_ text: String) async throws {
        let files = TestFiles(["reader.yaml": text])
        let error = await failure { try TestVault(files: files) }
        #expect(error?.code == .policiesRefused)
        #expect(error?.lines.first?.contains("reader.yaml:") == true)
    }

    @Test("At a reload it leaves the old set in force, whole, and says so with file and line", arguments: broken)
    func reload(_ text: String) async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        let reader = try await vault.caller("reader")
        let before = try vault.vault.policies(.operatorAlone)
        vault.files["reader.yaml"] = text
        vault.files["desk.yaml"] = nil
        vault.log.forget()
        let error = await failure { try await vault.vault.reloadPolicies(.operatorAlone) }
        #expect(error?.code == .policiesRefused)
        #expect(error?.lines.contains { $0.contains("reader.yaml:") } == true)
        #expect(vault.log.lines == ["request failed reload_policies (policies_refused)"])
        #expect(await code { try await vault.vault.reloadPolicies() } == .policiesRefused)
        #expect(vault.log.lines.last == "event failed policies_refused (policies_refused)")
        #expect(try vault.get("k", as: reader) == "value")
        #expect(try vault.vault.policies(.operatorAlone) == before)
    }

    @Test("A folder that cannot be read leaves the old set in force")
    func unreadable() async throws {
        let vault = try await TestVault.open()
        vault.files.fail(VaultError(.policiesRefused, "the folder may be written by others"))
        #expect(await code { try await vault.vault.reloadPolicies(.operatorAlone) } == .policiesRefused)
        #expect(try vault.vault.policies(.operatorAlone).policies.count == 7)
    }

    @Test("A changed policy is in force for the next request, in both directions")
    func nextRequest() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        let reader = try await vault.caller("reader")
        let text = vault.files["reader.yaml"]
        for _ in 0..<3 {
            vault.files["reader.yaml"] = text?.replacing("**", with: "elsewhere/**")
            _ = try await vault.vault.reloadPolicies(.operatorAlone)
            #expect(await code { try vault.get("k", as: reader) } == .refused)
            vault.files["reader.yaml"] = text
            try await vault.vault.reloadPolicies()
            #expect(try vault.get("k", as: reader) == "value")
        }
    }

    @Test("A reload that finds nothing new leaves its line; one that finds something seals the digest")
    func digests() async throws {
        let vault = try await TestVault.open()
        let first = try await vault.vault.reloadPolicies(.operatorAlone)
        #expect(vault.log.lines == ["request reload_policies"])
        vault.files["desk.yaml"]? += "\n"
        let second = try await vault.vault.reloadPolicies(.operatorAlone)
        #expect(first.digest != second.digest)
        #expect(vault.log.lines.last == "intent reload_policies")
        #expect(vault.log.entries.last?.digest.map { "\($0)" } == second.digest)
        #expect(try await vault.restarted().unseal().policiesChanged == false)
    }

    @Test("A reload while sealed is in force after the unseal, which reports it")
    func whileSealed() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        let reader = try await vault.caller("reader")
        try await vault.seal()
        vault.files["reader.yaml"] = nil
        try await vault.vault.reloadPolicies()
        #expect(vault.log.lines.last == "event policies_reloaded")
        #expect(try await vault.unseal().policiesChanged)
        #expect(await code { try vault.get("k", as: reader) } == .refused)
    }

    @Test("Who may not operate reloads nothing and explains nothing")
    func authority() async throws {
        let vault = try await TestVault.open()
        for requester in [try await vault.caller("reader"), .unixUser("payments")] {
            #expect(await code { try await vault.vault.reloadPolicies(requester) } == .refused)
            #expect(await code { try vault.vault.policies(requester) } == .refused)
        }
        #expect(await code { try await vault.vault.reloadPolicies(.stranger) } == .unauthorized)
    }

    @Test("A digest that the store does not take leaves the old set in force")
    func notWritten() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        let reader = try await vault.caller("reader")
        vault.files["reader.yaml"] = nil
        vault.store.fail(.notWritten)
        #expect(await code { try await vault.vault.reloadPolicies(.operatorAlone) } == .storeUnavailable)
        #expect(try vault.get("k", as: reader) == "value")
    }

    @Test("Requests during reloads are decided wholly by the old set or wholly by the new one")
    func duringReloads() async throws {
        // Under either set exactly one of two folders may be listed, and by Unix user as well as by rule.
        func text(_ folder: String) -> String {
            """
            policy: half
            rules:
              - allow: [list, retrieve]
                keys: ["\(folder)/**"]
            callers:
              unix-users: [ursula]
            """
        }
        let vault = try await TestVault.open(files: TestFiles(["half.yaml": text("left")]))
        for number in 0..<20 {
            try await vault.put("left/\(number)")
            try await vault.put("right/\(number)")
        }
        let bundle = try (0..<20).map { ValueQuery(path: try path("left/\($0)")) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for round in 0..<100 {
                    vault.files["half.yaml"] = text(round % 2 == 0 ? "right" : "left")
                    try await vault.vault.reloadPolicies()
                }
            }
            group.addTask {
                for _ in 0..<200 {
                    let listed = try vault.list(as: .unixUser("ursula"))
                    #expect(Set(listed.map { $0.prefix(4) }).count == 1)
                    #expect(listed.count == 20)
                    let values = await failure { try vault.vault.retrieve(.unixUser("ursula"), all: bundle) }
                    // Refused at the first key or not at all.
                    #expect(values == nil || values?.field == "left/0")
                    await Task.yield()
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("Of reloads that overlap the one that began last wins")
    func overlapping() throws {
        let environment = { (text: String) throws -> LoadedPolicies in
            let files = TestFiles(["a.yaml": text])
            return try TestVault(files: files).vault.loadedPolicies
        }
        let old = try environment("policy: old\nrules:\n  - allow: [audit]\n")
        let new = try environment("policy: new\nrules:\n  - allow: [audit]\n")
        var inForce = PoliciesInForce(loaded: old)
        let (first, second) = (inForce.begin(), inForce.begin())
        inForce.set(new, of: second)
        inForce.set(old, of: first)
        #expect(inForce.loaded.set.names.contains("new"))
    }
}
