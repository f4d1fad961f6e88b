import Audit
import Policy
import Sealing
import Storage
import StorageConformance
import Testing

@testable import Vault

@Suite("Ciphertexts that were swapped, put back or removed")
struct SwapTests {
    /// A vault with two keys of two versions, all values long enough to be read from the store.
    private func stocked() async throws -> TestVault {
        let vault = try await TestVault.open()
        for key in ["a", "b"] {
            for version in 1...2 { try await vault.put(key, String(repeating: "\(key)\(version)", count: 300)) }
        }
        return vault
    }

    /// The records of one key.
    private struct Rows {
        var head: RecordKey
        var wrapped: RecordKey
        var versions: [RecordKey]

        init(_ vault: TestVault, _ path: String) throws {
            let session = try vault.vault.opened().session
            let (entry, keyring) = (try #require(session.key(path)), session.keyring)
            head = RecordKey(.keyHead, keyring.rowID(.keyHead, name: path))
            wrapped = RecordKey(.wrappedKey, keyring.rowID(.wrappedKey, name: entry.place.wrappedKeyName))
            versions = entry.head.versions.map {
                RecordKey(.version, keyring.rowID(.version, name: entry.place.name(of: $0.number)))
            }
        }
    }

    @Test("Every pair of records that change places is found, and what is damaged is refused by name")
    func everyPair() async throws {
        let vault = try await stocked()
        let records = try vault.store.contents()
        let sealed = records.keys.sorted().filter { $0.bytes[0] != RecordKind.slot.rawValue && $0.bytes.count == 33 }
        // The keyring, the vault head, the key for checkpoints, an access key, and for each of two keys its head, wrapped key and two versions.
        #expect(sealed.count == 12)
        for (place, one) in sealed.enumerated() {
            for other in sealed[(place + 1)...] {
                let copy = MemoryStore(records.merging([one: records[other] ?? [], other: records[one] ?? []]) { $1 })
                try await expectFound(vault, copy)
            }
        }
    }

    @Test("Every record that is altered in one bit is found")
    func everyRecord() async throws {
        let vault = try await stocked()
        let records = try vault.store.contents()
        // Of a slot that is not opened only its sealing is known: see UnsealTests for one that is.
        for (row, bytes) in records where row.bytes.count == 33 && row.bytes[0] != RecordKind.slot.rawValue {
            for place in [0, bytes.count / 2, bytes.count - 1] {
                var altered = bytes
                altered[place] ^= 0x10
                try await expectFound(vault, MemoryStore(records.merging([row: altered]) { $1 }))
            }
        }
    }

    @Test("Every record that is gone, empty, or cut short is found")
    func everyLoss() async throws {
        let vault = try await stocked()
        let records = try vault.store.contents()
        for (row, bytes) in records where row.bytes.count == 33 {
            for left in [nil, [], Array(bytes.dropLast())] as [[UInt8]?] {
                let copy = MemoryStore(records)
                try copy.tamper([row: left])
                if row == RecordKey(.vaultHead, .only), left == nil {
                    #expect(try vault.restarted(copy).vault.status().state == .uninitialized)
                    continue
                }
                try await expectFound(vault, copy)
            }
        }
    }

    /// Either the vault does not open, or a value does not come, and nothing wrong is ever served.
    private func expectFound(_ vault: TestVault, _ store: MemoryStore) async throws {
        let again = try vault.restarted(store)
        if let error = await failure({ try await again.unseal() }) {
            #expect([.storeDamaged, .slotDamaged, .wrongPassphrase, .invalidField].contains(error.code))
            return
        }
        var found = 0
        for key in ["a", "b"] {
            for version in 1...2 {
                do {
                    let value = try again.get(key, .number(UInt32(version)))
                    #expect(value == String(repeating: "\(key)\(version)", count: 300))
                } catch {
                    let error = try #require(error as? VaultError)
                    #expect(error.code == .storeDamaged)
                    #expect(error.detail.contains(" of \(key)"))
                    found += 1
                }
            }
        }
        let report = try await again.vault.verifyStore(.operatorAlone)
        #expect(found > 0 && !report.damaged.isEmpty)
        #expect(again.log.lines.contains { $0.contains("store_damaged") })
    }

    @Test("A version in the place of another version, or of another key's, is refused and both are named")
    func versions() async throws {
        let vault = try await stocked()
        let (a, b) = (try Rows(vault, "a"), try Rows(vault, "b"))
        let records = try vault.store.contents()
        for (one, other, damaged) in [
            (a.versions[0], a.versions[1], ["a 1", "a 2"]), (a.versions[1], b.versions[1], ["a 2", "b 2"]),
        ] {
            let copy = MemoryStore(records.merging([one: records[other] ?? [], other: records[one] ?? []]) { $1 })
            let again = try await vault.reopened(copy)
            let report = try await again.vault.verifyStore(.operatorAlone)
            #expect(report.damaged.map { "\($0.key) \($0.version ?? 0)" } == damaged)
            #expect(report.damaged.allSatisfy { $0.kind == "version" })
        }
        let copy = MemoryStore(records.merging([a.wrapped: records[b.wrapped] ?? []]) { $1 })
        let again = try await vault.reopened(copy)
        #expect(await failure { try again.get("a") }?.detail.contains("wrapped key of a") == true)
        #expect(try again.get("b").hasPrefix("b2"))
        let report = try await again.vault.verifyStore(.operatorAlone)
        #expect(report.damaged == [StoreReport.Damage(kind: "wrapped-key", key: "a", version: nil)])
    }

    @Test("Records of another vault with the same passphrase and the same paths open nothing")
    func otherVault() async throws {
        let (one, other) = (try await stocked(), try await stocked())
        let foreign = try other.store.contents()
        for kind in [RecordKind.keyring, .vaultHead, .keyHead, .issuedKey] {
            let copy = MemoryStore(try one.store.contents())
            let (mine, theirs) = (
                try copy.rows(of: kind), foreign.keys.filter { $0.bytes[0] == kind.rawValue }.sorted()
            )
            for (row, from) in zip(mine, theirs) { try copy.tamper([row: foreign[from]]) }
            #expect(await code { try await one.restarted(copy).unseal() } == .storeDamaged)
        }
    }

    // MARK: One record rolled back, deleted, brought back

    @Test("A head that is put back to an older version is found at unseal")
    func rolledBack() async throws {
        let vault = try await TestVault.open()
        try await vault.put("a", "one")
        let row = try Rows(vault, "a").head
        let old = try vault.store.read(row)
        try await vault.put("a", "two")
        try await expectDamage(vault, [row: old], "older state")
    }

    @Test("An access key that is put back to before its revocation is found at unseal")
    func unrevoked() async throws {
        let vault = try await TestVault.open()
        let minted = try await vault.mint(["reader"])
        let session = try vault.vault.opened().session
        let row = RecordKey(.issuedKey, try #require(session.issued(minted.record.id)).row)
        let old = try vault.store.read(row)
        _ = try await vault.vault.revoke(vault.administrator, id: minted.record.id)
        try await expectDamage(vault, [row: old], "older state")
    }

    @Test("A head that is deleted, and one that is brought back, are found at unseal")
    func deletedAndBroughtBack() async throws {
        let vault = try await TestVault.open()
        try await vault.put("a", "one")
        let rows = try Rows(vault, "a")
        let records = try vault.store.contents()
        try await expectDamage(vault, [rows.head: nil], "missing")
        try await vault.vault.destroy(vault.administrator, try path("a"), if: .none)
        // Together with its children, as from a backup.
        var back: [RecordKey: [UInt8]?] = [:]
        for row in [rows.head, rows.wrapped] + rows.versions { back[row] = records[row] }
        try await expectDamage(vault, back, "too many")
    }

    @Test("A slot, a keyring and a vault head that are put back are found at unseal")
    func singles() async throws {
        let vault = try await TestVault.open()
        let before = try vault.store.contents()
        try await vault.addSlot(2, "second")
        _ = try await vault.vault.rotateKeyring(vault.administrator)
        try await vault.put("a")
        try await expectDamage(vault, [RecordKey(.slot, .slot(2)): nil], "missing")
        for row in [RecordKey(.keyring, .only), RecordKey(.vaultHead, .only)] {
            let copy = MemoryStore(try vault.store.contents())
            try copy.tamper([row: before[row]])
            #expect(await code { try await vault.restarted(copy).unseal() } == .storeDamaged)
        }
    }

    @Test("A child that is put back to an older sealing is found when it is opened")
    func oldChild() async throws {
        let vault = try await stocked()
        let row = try Rows(vault, "a").wrapped
        let old = try vault.store.read(row)
        _ = try await vault.vault.rewrap(vault.administrator)
        let copy = MemoryStore(try vault.store.contents())
        try copy.tamper([row: old])
        let again = try await vault.reopened(copy)
        #expect(await failure { try again.get("a") }?.detail.contains("wrapped key of a") == true)
    }

    private func expectDamage(_ vault: TestVault, _ records: [RecordKey: [UInt8]?], _ word: String) async throws {
        let copy = MemoryStore(try vault.store.contents())
        try copy.tamper(records)
        let error = await failure { try await vault.restarted(copy).unseal() }
        #expect(error?.code == .storeDamaged)
        #expect(error?.lines.contains { $0.contains(word) } == true)
    }
}
