import FakeServer
import KeyturnClient
import Testing
import VaultAPI

@Suite("A vault that does not answer", .timeLimit(.minutes(5)))
struct DeadlineTests {
    @Test(
        "A call is given up at its deadline, before its head and in the middle of its body", arguments: [false, true])
    func deadline(begins: Bool) async throws {
        let server = try await FakeServer { _ in begins ? .stall : .hang }
        let settings = try KeyturnSettings(address: KeyturnAddress("http://127.0.0.1:\(server.port)"))
        let vault = try KeyturnVault(settings)
        let references = [ValueReference(path: "shop/stripe")]
        // The one without a deadline goes on for as long as any call.
        let first = await withTaskGroup(of: KeyturnClientError?.self) { group in
            for deadline in [nil, ContinuousClock.now + .milliseconds(100)] {
                group.addTask {
                    do throws(KeyturnClientError) {
                        _ = try await vault.values(references, by: deadline)
                        return nil
                    } catch {
                        return deadline == nil ? nil : error
                    }
                }
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? nil
        }
        #expect(first?.code == .timedOut && first?.changedNothing == true)
        await vault.close()
        await server.close()
    }

    @Test("Whether a change was made is not known; a read makes none")
    func changes() async throws {
        let server = try await FakeServer { _ in .cut }
        let settings = try KeyturnSettings(address: KeyturnAddress("http://127.0.0.1:\(server.port)"))
        let vault = try KeyturnVault(settings)
        let change = await #expect(throws: KeyturnClientError.self) { _ = try await vault.delete("shop/stripe") }
        #expect(change?.code == .interrupted && change?.changedNothing == false)
        let read = await #expect(throws: KeyturnClientError.self) { _ = try await vault.metadata(of: "shop/stripe") }
        #expect(read?.code == .interrupted && read?.changedNothing == true)
        await vault.close()
        await server.close()
    }
}
