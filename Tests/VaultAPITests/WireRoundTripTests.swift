import SecretMemory
import Testing

@testable import VaultAPI

@Suite("Wire types")
struct WireRoundTripTests {
    static let moment = Timestamp(milliseconds: 1_795_231_747_000)

    private func text(_ value: some Encodable) throws -> String {
        String(decoding: try WireJSON.encode(value), as: UTF8.self)
    }

    @Test("A secret prints as [secret], wherever it is held")
    func secretsDoNotPrint() {
        let request = PutKeyRequest(fields: ["value": SecretText("MARKER-1")])
        var dumped = ""
        dump(request, to: &dumped)
        for text in ["\(request)", String(reflecting: request), dumped] {
            #expect(!text.contains("MARKER"))
            #expect(text.contains("[secret]"))
        }
    }

    @Test("A new version is written with the names of the wire and read back")
    func putKey() throws {
        let request = PutKeyRequest(
            fields: ["value": SecretText("a\"b\\/é鍵\u{0}\n")], visibility: .public, tags: ["x"], expires: Self.moment,
            overlap: "24h")
        let json = try WireJSON.encode(request)
        #expect(try WireJSON.request(PutKeyRequest.self, from: json) == request)
        #expect(String(decoding: json, as: UTF8.self).contains(#""expires":"2026-11-21T03:29:07Z""#))
        #expect(!String(decoding: json, as: UTF8.self).contains("provider"))
    }

    @Test("An edit tells apart what is left out, what is null and what is set")
    func edits() throws {
        let request = EditKeyRequest(name: .set("n"), tags: .set([]), expires: .cleared)
        #expect(try text(request) == #"{"expires":null,"name":"n","tags":[]}"#)
        #expect(try WireJSON.request(EditKeyRequest.self, from: WireJSON.encode(request)) == request)
        #expect(try WireJSON.request(EditKeyRequest.self, from: Array("{}".utf8)) == EditKeyRequest())
    }

    @Test("Metadata uses snake case and leaves out what is not there")
    func metadata() throws {
        let version = KeyVersion(
            version: 2, stage: .current, created: Self.moment, createdBy: "ops", prefix: "sk_", fields: ["value"])
        let metadata = KeyMetadata(
            path: "a/b", id: "00", name: "", description: "", provider: "", visibility: .private, tags: [],
            prefix: "sk_", created: Self.moment, updated: Self.moment, purgeAfter: Self.moment, lastUsedBy: "app",
            state: .trashed, versionCount: 2, versions: [version], current: 2)
        let json = try text(metadata)
        for name in ["purge_after", "last_used_by", "version_count", "created_by"] {
            #expect(json.contains("\"\(name)\":"))
        }
        #expect(!json.contains("previous") && !json.contains("deleted") && json.contains("\"a/b\""))
        #expect(try WireJSON.reply(KeyMetadata.self, from: Array(json.utf8)) == metadata)
    }

    @Test("A new access key is its record with the key among its members")
    func newAccessKey() throws {
        let record = IssuedKeyRecord(
            id: "abc", issuer: "keyturn", name: "app", description: "", owner: "", prefix: "keyturn_abc",
            created: Self.moment, createdBy: "root", scopes: ["p"], policies: ["p"], state: .active,
            honouredUntil: Self.moment, lineage: "abc", lastUsedFrom: "::1")
        let new = NewIssuedKey(key: SecretText("keyturn_x"), record: record)
        let json = try text(new)
        #expect(json.contains(#""id":"abc""#) && json.contains(#""key":"keyturn_x""#))
        #expect(json.contains("honoured_until") && json.contains("last_used_from"))
        #expect(try WireJSON.reply(NewIssuedKey.self, from: Array(json.utf8)) == new)
    }

    @Test("Replies of sealing use the names of the contract")
    func sealing() throws {
        let initialized = InitializeReply(recoveryCode: SecretText("r"), accessKey: SecretText("k"))
        #expect(try text(initialized) == #"{"access_key":"k","recovery_code":"r"}"#)
        let unsealed = UnsealReply(state: .unsealed, policiesChanged: false, keys: 3, readOnly: false)
        #expect(try text(unsealed) == #"{"keys":3,"policies_changed":false,"read_only":false,"state":"unsealed"}"#)
        let slot = KeySlot(number: 0, kind: "passphrase", memoryKib: 65536, iterations: 3, parallelism: 4)
        #expect(try text(slot).contains(#""memory_kib":65536"#))
        #expect(CallerKind(rawValue: "access-key") == .accessKey)
    }

    @Test("A batch and an import keep their order")
    func lists() throws {
        let batch = ValuesRequest(keys: [
            ValueReference(path: "b", stage: .previous), ValueReference(path: "a", version: 3),
        ])
        #expect(try WireJSON.request(ValuesRequest.self, from: WireJSON.encode(batch)) == batch)
        let value = SecretText("x")
        let load = ImportRequest(keys: [
            ImportedKey(path: "b", fields: ["value": value]), ImportedKey(path: "a", fields: [:]),
        ])
        #expect(try WireJSON.request(ImportRequest.self, from: WireJSON.encode(load)) == load)
    }

    @Test("Bytes that are no text are not written as text")
    func notText() {
        let bytes = SecretText(WipedBytes(copying: [UInt8]([0xFF, 0xFE]).span.bytes))
        #expect(throws: EncodingError.self) { try WireJSON.encode(bytes) }
    }
}
