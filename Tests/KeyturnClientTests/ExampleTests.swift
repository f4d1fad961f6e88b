import Foundation
import KeyturnClient
import KeyturnTesting
import Synchronization
import Testing

/// Charges a card with the key as it is now; the handle knows of a rotation within moments.
struct Cashier {
    let stripe: KeyturnKey

    func charge(_ amount: Int, with provider: Provider) async -> Bool {
        await provider.charge(amount, key: stripe.current.text() ?? "")
    }
}

/// A payment provider: it takes the newest key and, until that is retired, the one before.
final class Provider: Sendable {
    private let accepted: Mutex<Set<String>>
    private let used = Mutex<Set<String>>([])

    init(_ key: String) { accepted = Mutex([key]) }

    func add(_ key: String) { accepted.withLock { _ = $0.insert(key) } }
    func retire(_ key: String) { accepted.withLock { _ = $0.remove(key) } }
    func hasSeen(_ key: String) -> Bool { used.withLock { $0.contains(key) } }

    func charge(_ amount: Int, key: String) async -> Bool {
        used.withLock { _ = $0.insert(key) }
        return accepted.withLock { $0.contains(key) }
    }
}

/// The example application of docs/applications.md and of the tutorial, built and run.
@Suite("The example application", .timeLimit(.minutes(5)))
struct ExampleTests {
    private static func text(_ path: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    @Test("The page and the tutorial show the cashier above")
    func same() throws {
        let own = try Self.text("Tests/KeyturnClientTests/ExampleTests.swift")
        let start = try #require(own.range(of: "/// Charges a card"))
        let end = try #require(own.range(of: "\n}\n", range: start.lowerBound..<own.endIndex))
        let cashier = String(own[start.lowerBound..<end.upperBound])
        #expect(try Self.text("docs/applications.md").contains(cashier))
        let tutorial = "Sources/KeyturnClient/KeyturnClient.docc/"
        #expect(try Self.text(tutorial + "Resources/cashier-3.swift").contains(cashier))
        let steps = try Self.text(tutorial + "Tutorials/Keys-That-Stay-Current.tutorial")
        #expect(steps.contains("cashier-1.swift") && steps.contains("cashier-3.swift"))
    }

    @Test("Two rotations reach a program that charges all the time, and not one charge fails")
    func rotation() async throws {
        try await KeyturnTestVault.run { test in
            try await test.put("shop/stripe", "sk_1")
            let vault = try KeyturnVault(test.administrator)
            let cashier = Cashier(stripe: try await vault.key("shop/stripe"))
            let provider = Provider("sk_1")
            let isOver = Mutex(false)
            let failed = Task {
                var failed = 0
                while !isOver.withLock({ $0 }) {
                    if !(await cashier.charge(100, with: provider)) { failed += 1 }
                    await Task.yield()
                }
                return failed
            }
            for (old, new) in [("sk_1", "sk_2"), ("sk_2", "sk_3")] {
                provider.add(new)
                try await test.put("shop/stripe", new)
                while !provider.hasSeen(new) { await Task.yield() }
                // The overlap is over.
                provider.retire(old)
            }
            isOver.withLock { $0 = true }
            #expect(await failed.value == 0)
            await vault.close()
        }
    }
}
