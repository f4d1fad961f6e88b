import Audit
import Policy
import Sealing
import SecretMemory
import Storage
import StorageConformance
import Testing

@testable import Vault

@Suite("Imports and bundles")
struct ManyKeysTests {
    private func writes(_ paths: [String], _ value: String = "imported") throws -> [KeyWrite] {
        try paths.map { KeyWrite(path: try path($0), fields: [SecretField("value", value)]) }
    }

    @Test("One path that is there already leaves all of an import out")
    func conflict() async throws {
        let vault = try await TestVault.open()
        try await vault.put("b", "before")
        let error = await failure {
            try await vault.vault.importKeys(vault.administrator, try writes(["a", "b", "c"]), replace: false)
        }
        #expect(error?.code == .alreadyExists)
        #expect(error?.field == "b")
        #expect(try vault.list() == ["b"])
        #expect(try vault.get("b") == "before")
    }

    @Test("One key that is wrong leaves all of an import out")
    func wrong() async throws {
        let vault = try await TestVault.open()
        var all = try writes(["a", "b"])
        all.append(KeyWrite(path: try path("c"), fields: []))
        let error = await failure { try await vault.vault.importKeys(vault.administrator, all, replace: false) }
        #expect(error?.field == "c")
        #expect(try vault.list() == [])
    }

    @Test("One path that may not be written refuses the import, and names it")
    func refused() async throws {
        let vault = try await TestVault.open()
        vault.files["writer.yaml"] = "policy: writer\nrules:\n  - allow: [write]\n    keys: [\"shop/**\"]\n"
        _ = try await vault.vault.reloadPolicies(.operatorAlone)
        let writer = try await vault.caller("writer")
        let error = await failure {
            try await vault.vault.importKeys(writer, try writes(["shop/a", "billing/b"]), replace: false)
        }
        #expect(error?.code == .refused)
        #expect(error?.field == "billing/b")
        #expect(error?.decision != nil)
        #expect(try vault.list() == [])
    }

    @Test("A path twice, no key at all and too many are refused")
    func shape() async throws {
        let vault = try await TestVault.open()
        let (engine, admin) = (vault.vault, vault.administrator)
        for all in try [writes([]), writes(["a", "a"]), writes((0...1_000).map { "k\($0)" })] {
            let error = await failure { try await engine.importKeys(admin, all, replace: true) }
            #expect(error?.code == .invalidField)
            #expect(error?.field == "keys")
        }
    }

    @Test("An import is one commit, and with leave to replace gives new versions")
    func imported() async throws {
        let vault = try await TestVault.open()
        try await vault.put("b", "before")
        let commits = vault.store.commits
        let made = try await vault.vault.importKeys(
            vault.administrator, try writes(["c", "a", "b"]), replace: true)
        #expect(vault.store.commits == commits + 1)
        #expect(made.map(\.path.text) == ["c", "a", "b"])
        #expect(made.map(\.current) == [1, 1, 2])
        let again = try await vault.reopened()
        for key in ["a", "b", "c"] { #expect(try again.get(key) == "imported") }
        #expect(try again.get("b", .previous) == "before")
    }

    @Test("An import that the store does not take leaves nothing", arguments: [true, false])
    func notWritten(_ inDoubt: Bool) async throws {
        let vault = try await TestVault.open()
        vault.store.fail(inDoubt ? .outcomeUnknownLost : .notWritten)
        let error = await code {
            try await vault.vault.importKeys(vault.administrator, try writes(["a", "b"]), replace: false)
        }
        #expect(error == (inDoubt ? .inDoubt : .storeUnavailable))
        let again = try await vault.reopened()
        #expect(try again.list() == [])
    }

    // MARK: Bundles

    private func queries(_ paths: [String]) throws -> [ValueQuery] { try paths.map { ValueQuery(path: try path($0)) } }

    @Test("One key that may not be retrieved, or is not there, leaves nothing of a bundle")
    func incomplete() async throws {
        let vault = try await TestVault.open()
        try await vault.put("payments/a")
        try await vault.put("billing/b")
        let app = try await vault.caller("payments-service")
        vault.log.forget()
        let refused = await failure {
            try vault.vault.retrieve(app, all: try queries(["payments/a", "billing/b", "payments/none"]))
        }
        #expect(refused?.code == .refused)
        #expect(refused?.field == "billing/b")
        let absent = await failure { try vault.vault.retrieve(app, all: try queries(["payments/a", "payments/none"])) }
        #expect(absent?.code == .notFound)
        #expect(absent?.field == "payments/none")
        #expect(
            vault.log.lines == [
                "request refused retrieve billing/b (refused)", "request failed retrieve payments/none (not_found)",
            ])
        #expect(try vault.inspect("payments/a").lastUsed == nil)
    }

    @Test("None and too many are refused")
    func size() async throws {
        let vault = try await TestVault.open()
        try await vault.put("a")
        for count in [0, 257] {
            let all = try queries(Array(repeating: "a", count: count))
            #expect(await failure { try vault.vault.retrieve(vault.administrator, all: all) }?.field == "keys")
        }
        let most = try queries(Array(repeating: "a", count: 256))
        #expect(try vault.vault.retrieve(vault.administrator, all: most).count == 256)
    }

    @Test("A bundle keeps the order that was asked for, and leaves a line for each key")
    func bundle() async throws {
        let vault = try await TestVault.open()
        for key in ["a", "b", "c"] { try await vault.put(key, "value of \(key)") }
        vault.log.forget()
        let values = try vault.vault.retrieve(vault.administrator, all: try queries(["c", "a", "b"]))
        #expect(values.map(\.path.text) == ["c", "a", "b"])
        #expect(values.compactMap { $0.fields.first?.value.text } == ["value of c", "value of a", "value of b"])
        #expect(vault.log.lines == ["request retrieve c", "request retrieve a", "request retrieve b"])
    }

    @Test("A bundle is of one moment while all its keys are replaced again and again")
    func oneMoment() async throws {
        let vault = try await TestVault.open()
        let paths = (0..<4).map { "k\($0)" }
        // Too long to be held in memory, so that each is read from the store.
        func round(_ number: Int) throws -> [KeyWrite] {
            try writes(paths, String(repeating: "\(number % 10)", count: 600))
        }
        _ = try await vault.vault.importKeys(vault.administrator, try round(0), replace: true)
        let all = try queries(paths)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for number in 1...60 {
                    _ = try await vault.vault.importKeys(vault.administrator, try round(number), replace: true)
                    if number % 10 == 0 { _ = try await vault.vault.rotateKeyring(vault.administrator) }
                    if number % 10 == 5 { _ = try await vault.vault.rewrap(vault.administrator) }
                }
            }
            group.addTask {
                for _ in 0..<300 {
                    let values = try vault.vault.retrieve(vault.administrator, all: all)
                    #expect(Set(values.map(\.version)).count == 1)
                    #expect(Set(values.compactMap { $0.fields.first?.value.text }).count == 1)
                    await Task.yield()
                }
            }
            try await group.waitForAll()
        }
    }
}
