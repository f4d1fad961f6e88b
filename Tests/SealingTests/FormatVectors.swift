import Foundation
import SecretMemory
import Synchronization

@testable import Sealing

/// Gives 00, 01, 02 … ff, 00 … so that what is sealed with it can be printed.
final class CountingRandom: RandomSource {
    private let next = Mutex<UInt8>(0)

    func fill(_ bytes: inout MutableRawSpan) {
        for offset in 0..<bytes.byteCount {
            let byte = next.withLock { next in
                defer { next &+= 1 }
                return next
            }
            bytes.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
        }
    }
}

/// The small store that docs/format.md prints from and docs/format-vectors.json holds whole: two slots, two data keys,
/// two API keys, three versions.
struct FormatVectors {
    static let passphrase = "correct horse battery staple"
    static let costs = DerivationCosts(memoryKiB: 65536, iterations: 3, parallelism: 1)

    /// Names and values in the order in which the page prints them.
    private(set) var values: [(name: String, value: String)] = []
    /// Every record, by its key.
    private(set) var rows: [(key: [UInt8], bytes: [UInt8])] = []
    private(set) var recoveryCode = ""

    init() throws {
        let random = CountingRandom()
        let vault = VaultID.random(from: random)
        let root = try RootKey.generate(random: random)
        let first = try Keyring.generate(vault: vault, random: random, now: 1_700_000_000_000)
        let keyring = try first.addingDataKey(random: random, now: 1_760_000_000_000)
        var sums = IntegritySums()

        // Slots.
        let (slot, slotKey) = try Slot.create(
            0, kind: .passphrase, passphrase: secret(Self.passphrase), root: root, vault: vault, generation: 1,
            costs: Self.costs, availableKiB: { nil }, random: random)
        let code = try RecoveryCode.generate(slot: 1, random: random)
        recoveryCode = code.text.withBytes { String(decoding: $0.array, as: UTF8.self) }
        let recovery = try Slot.create(
            1, kind: .recovery, passphrase: code.text, root: root, vault: vault, generation: 1, costs: Self.costs,
            availableKiB: { nil }, random: random
        ).slot
        for slot in [slot, recovery] {
            rows.append((RecordPlace(.slot, slot.row).storeKey, slot.encoded))
            sums.add(keyring.sumEntry(.slot, row: slot.row, mark: slot.mark))
        }
        print("slot 0, header", slot.header.message.withBytes { $0.array })
        try printSlot(slot, slotKey)
        print("root key", root.withBytes { $0.array })
        print("slot 0, record", slot.encoded)

        // The keyring.
        let ring = keyring.sealed(by: root, generation: 2, random: random)
        rows.append((RecordPlace(.keyring, .only).storeKey, ring.bytes))
        let ringKey = root.keyringKey(of: vault)
        let ringData = AssociatedData(
            vault: vault, kind: .keyring, subject: RowID.only.bytes, generation: 2, sealingKey: 0)
        print("keyring, sealing key", ringKey.array)
        print("keyring, associated data", ringData.message.withBytes { $0.array })
        print("keyring, plaintext", try ringKey.withBytes { try ring.opened(boundTo: ringData, key: $0) }.array)
        print("keyring, record", ring.bytes)

        // API keys.
        try addKey(
            "payments/stripe", [[("value", "example-value-of-no-provider")]], under: first, at: 3,
            random: random, sums: &sums, printing: true)
        try addKey(
            "shop/database", [[("user", "shop"), ("value", "schlüssel 🔑")], [("user", "shop"), ("value", "")]],
            under: keyring, at: 4, random: random, sums: &sums, printing: false)

        // The vault head.
        let entry = keyring.sumEntry(.slot, row: slot.row, mark: slot.mark)
        var value: [UInt8] = []
        entry.value.append(to: &value)
        print("slot 0, bucket", [entry.bucket])
        print("slot 0, what it adds", value)
        var head = Records.VaultHead()
        head.generation = 5
        head.timeMark = 1_760_000_000_000
        head.auditHash = Data(repeating: 0xaa, count: 32)
        head.auditSequence = 7
        head.policyDigest = Data(repeating: 0xbb, count: 32)
        head.keyring = ring.mark.message
        head.created = 1_700_000_000_000
        head.auditIntents = 5
        sums.store(in: &head)
        let sealed = try keyring.seal(head, row: .only, generation: 5, random: random)
        rows.append((RecordPlace(.vaultHead, .only).storeKey, sealed.bytes))
        rows.sort { $0.key.lexicographicallyPrecedes($1.key) }
    }

    private mutating func printSlot(_ slot: Slot, _ key: SlotKey) throws {
        let output = try Argon2.derive(
            Array(Self.passphrase.utf8).span.bytes, salt: slot.header.salt.bytes.span.bytes, costs: Self.costs)
        let wrap = slot.header.message.withBytes { header in
            output.withBytes { Blake2b.derive(header, key: $0, for: .slotKey) }
        }
        print("slot 0, Argon2id's output", output.withBytes { $0.array })
        print("slot 0, wrapping key", wrap.array)
        print("slot 0, commitment", slot.commitment.bytes)
    }

    private mutating func addKey(
        _ path: String, _ versions: [[(String, String)]], under keyring: Keyring, at generation: UInt64,
        random: CountingRandom, sums: inout IntegritySums, printing: Bool
    ) throws {
        let place = KeyPlace(KeyID.random(from: random), path: path)
        let own = OwnKey.generate(for: keyring, random: random)
        let wrapped = keyring.sealOwnKey(own, of: place, generation: generation, random: random)
        rows.append(
            (RecordPlace(.wrappedKey, keyring.rowID(.wrappedKey, name: place.wrappedKeyName)).storeKey, wrapped.bytes))
        var head = Records.KeyHead()
        head.keyID = place.keyID.bytes.data
        head.path = path
        head.visibility = .private
        head.created = 1_760_000_000_000
        head.updated = 1_760_000_000_000
        head.wrappedKey = wrapped.mark.message
        head.current = UInt32(versions.count)
        head.previous = UInt32(versions.count - 1)
        head.nextVersion = UInt32(versions.count + 1)
        for (index, fields) in versions.enumerated() {
            let number = UInt32(index + 1)
            let content = try VersionContent(fields.map { ($0.0, wiped($0.1)) })
            let body = own.sealVersion(content, number: number, of: place, generation: generation, random: random)
            let row = keyring.rowID(.version, name: place.name(of: number))
            rows.append((RecordPlace(.version, row).storeKey, body.bytes))
            var version = Records.VersionHead()
            version.number = number
            version.created = 1_760_000_000_000
            version.createdBy = "operator"
            version.fields = content.names
            version.body = body.mark.message
            head.versions.append(version)
            if printing { try printVersion(content, body, row, own, wrapped, place, keyring) }
        }
        let row = keyring.rowID(.keyHead, name: path)
        let sealed = try keyring.seal(head, row: row, generation: generation, random: random)
        rows.append((RecordPlace(.keyHead, row).storeKey, sealed.bytes))
        sums.add(keyring.sumEntry(.keyHead, row: row, mark: sealed.mark))
        guard printing else { return }
        let data = AssociatedData(
            vault: keyring.vault, kind: .keyHead, subject: row.bytes, generation: generation,
            sealingKey: keyring.currentDataKeyID)
        print("payments/stripe, row id of its head", row.bytes.bytes)
        print("payments/stripe, head's associated data", data.message.withBytes { $0.array })
        print("payments/stripe, head's plaintext", try head.encoded())
        print("payments/stripe, head's record", sealed.bytes)
    }

    private mutating func printVersion(
        _ content: VersionContent, _ body: SealedRecord, _ row: RowID, _ own: OwnKey, _ wrapped: SealedRecord,
        _ place: KeyPlace, _ keyring: Keyring
    ) throws {
        let generation = body.mark.generation
        let wrappedData = place.associatedData(
            keyring.vault, .wrappedKey, generation: generation, sealingKey: wrapped.sealingKey)
        let data = place.associatedData(keyring.vault, .version, number: 1, generation: generation, sealingKey: 0)
        print("payments/stripe, key id", place.keyID.bytes.bytes)
        print("payments/stripe, path digest", place.pathDigest.bytes)
        print(
            "payments/stripe, row id of its wrapped key",
            keyring.rowID(.wrappedKey, name: place.wrappedKeyName).bytes.bytes)
        print("payments/stripe, wrapped key's associated data", wrappedData.message.withBytes { $0.array })
        print("payments/stripe, wrapped key's plaintext", try keyring.open(wrapped, boundTo: wrappedData).array)
        print("payments/stripe, wrapped key's record", wrapped.bytes)
        print("payments/stripe, row id of version 1", row.bytes.bytes)
        print("payments/stripe, version 1's associated data", data.message.withBytes { $0.array })
        print("payments/stripe, version 1's plaintext", content.plaintext.array)
        print("payments/stripe, version 1's record", body.bytes)
    }

    private mutating func print(_ name: String, _ bytes: [UInt8]) { values.append((name, hex(bytes))) }

    /// The block of the page: each name on a line, and its value below in lines of 64 digits.
    var block: String {
        values.map { name, value in
            let digits = Array(value)
            let lines = stride(from: 0, to: digits.count, by: 64).map { start in
                "    " + String(digits[start..<min(start + 64, digits.count)])
            }
            return name + "\n" + lines.joined(separator: "\n") + "\n"
        }.joined()
    }

    /// The whole store, as docs/format-vectors.json has it.
    var json: String {
        let rows = rows.map { "    {\"key\": \"\(hex($0.key))\", \"bytes\": \"\(hex($0.bytes))\"}" }
        return """
            {
              "passphrase": "\(Self.passphrase)",
              "recovery_code": "\(recoveryCode)",
              "rows": [
            \(rows.joined(separator: ",\n"))
              ]
            }

            """
    }
}
