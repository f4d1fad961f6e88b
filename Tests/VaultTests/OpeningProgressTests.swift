import Sealing
import SecretMemory
import Storage
import Synchronization
import Testing

@testable import Vault

@Suite("How far an unseal is")
struct OpeningProgressTests {
    /// Calls back for each record that is scanned.
    private final class WatchedStore: RecordStore {
        private let store: any RecordStore
        let scanned = Mutex<@Sendable () -> Void>({})

        init(_ store: any RecordStore) { self.store = store }

        func scan(
            from: RecordKey?, through: RecordKey?,
            _ body: (RecordKey, borrowing RawSpan) throws(StorageError) -> Bool
        ) throws(StorageError) {
            try store.scan(from: from, through: through) { (key, bytes) throws(StorageError) in
                scanned.withLock { $0 }()
                return try body(key, bytes)
            }
        }

        func read(_ key: RecordKey) throws(StorageError) -> [UInt8]? { try store.read(key) }
        func commit(_ batch: RecordBatch) throws(StorageError) { try store.commit(batch) }
        func checkIdentity() throws(StorageError) { try store.checkIdentity() }
        func close() { store.close() }
    }

    @Test("It goes up while keys are read, says nothing before and after, nor after an unseal that was refused")
    func percent() async throws {
        let vault = try await TestVault.open()
        for batch in 0..<10 {
            let writes = try (0..<1_000).map {
                KeyWrite(path: try path("shop/k\(batch)-\($0)"), fields: [SecretField("value", "v")])
            }
            _ = try await vault.vault.importKeys(vault.administrator, writes, replace: false)
        }
        let store = WatchedStore(MemoryStore(try vault.store.contents()))
        let sealed = try vault.restarted(store)
        let seen = Mutex<[Int?]>([])
        store.scanned.withLock { $0 = { seen.withLock { $0.append(sealed.vault.status().opening) } } }
        #expect(sealed.vault.status().opening == nil)
        #expect(await failure { try await sealed.unseal("wrong") } != nil)
        #expect(seen.withLock { $0 } == [])
        try await sealed.unseal()
        let known = seen.withLock { $0 }.compactMap { $0 }
        #expect(known == known.sorted() && known.allSatisfy { 0...100 ~= $0 })
        #expect(Set(known).count > 3)
        #expect(sealed.vault.status().opening == nil)

        let copy = MemoryStore(try vault.store.contents())
        try copy.tamper([
            RecordKey(.keyHead, vault.vault.opened().session.keyring.rowID(.keyHead, name: "shop/k0-0")): nil
        ])
        let damaged = try vault.restarted(copy)
        #expect(await failure { try await damaged.unseal() }?.code == .storeDamaged)
        #expect(damaged.vault.status().opening == nil)
    }
}
