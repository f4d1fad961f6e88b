import SecretMemory
import Testing

@testable import Vault

@Suite("What a key's fields and metadata have to be")
struct FieldTests {
    struct Wrong: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var fields: [SecretField] = [SecretField("value", "v")]
        var metadata = MetadataChange()
        var overlap: Int64?
        var code = VaultError.Code.invalidField
        var field: String

        init(
            _ name: String, _ field: String, fields: [SecretField]? = nil, metadata: MetadataChange = MetadataChange(),
            overlap: Int64? = nil, code: VaultError.Code = .invalidField
        ) {
            testDescription = name
            self.field = field
            if let fields { self.fields = fields }
            self.metadata = metadata
            self.overlap = overlap
            self.code = code
        }
    }

    private static func text(_ count: Int) -> String { String(repeating: "x", count: count) }

    static let wrong: [Wrong] = [
        Wrong("no fields", "fields", fields: []),
        Wrong("33 fields", "fields", fields: (0..<33).map { SecretField("f\($0)", "v") }),
        Wrong("a field twice", "fields.value", fields: [SecretField("value", "a"), SecretField("value", "b")]),
        Wrong("a field without a name", "fields", fields: [SecretField("", "v")]),
        Wrong("a capital in a name", "fields", fields: [SecretField("Value", "v")]),
        Wrong("a name that starts with a digit", "fields", fields: [SecretField("1st", "v")]),
        Wrong("a name that starts with _", "fields", fields: [SecretField("_v", "v")]),
        Wrong("a name of 65 characters", "fields", fields: [SecretField(text(65), "v")]),
        Wrong("a name beyond ASCII", "fields", fields: [SecretField("é", "v")]),
        Wrong(
            "a field too long", "fields.value", fields: [SecretField("value", text(65_537))], code: .tooLarge),
        Wrong(
            "fields too long together", "fields", fields: (0..<5).map { SecretField("f\($0)", text(60_000)) },
            code: .tooLarge),
        Wrong("a name too long", "name", metadata: .init(name: text(201))),
        Wrong("a line break in a name", "name", metadata: .init(name: "a\nb")),
        Wrong("an escape in a name", "name", metadata: .init(name: "a\u{1B}[31m")),
        Wrong("a NUL in a name", "name", metadata: .init(name: "a\u{0}b")),
        Wrong("an override of direction in a name", "name", metadata: .init(name: "a\u{202E}b")),
        Wrong("a line separator in a description", "description", metadata: .init(description: "a\u{2028}b")),
        Wrong("a carriage return in a description", "description", metadata: .init(description: "a\r")),
        Wrong("a description too long", "description", metadata: .init(description: text(2_001))),
        Wrong("a provider too long", "provider", metadata: .init(provider: text(201))),
        Wrong("a tab in a provider", "provider", metadata: .init(provider: "a\tb")),
        Wrong("33 tags", "tags", metadata: .init(tags: (0..<33).map { "t\($0)" })),
        Wrong("an empty tag", "tags", metadata: .init(tags: [""])),
        Wrong("a tag too long", "tags", metadata: .init(tags: [text(201)])),
        Wrong("a line break in a tag", "tags", metadata: .init(tags: ["a\nb"])),
        Wrong("an end that is now", "expires", metadata: .init(expires: .some(TestClock.start))),
        Wrong("an end that has passed", "expires", metadata: .init(expires: .some(TestClock.start - 1))),
        Wrong("an end before time", "expires", metadata: .init(expires: .some(-1))),
        Wrong("an end beyond the year 9999", "expires", metadata: .init(expires: .some(253_402_300_800_000))),
        Wrong("an end at the end of numbers", "expires", metadata: .init(expires: .some(.max))),
        Wrong("no overlap", "overlap", overlap: 0),
        Wrong("a negative overlap", "overlap", overlap: -1),
        Wrong("an overlap of 401 days", "overlap", overlap: 401 * .day),
        Wrong("an overlap that overflows", "overlap", overlap: .max),
    ]

    @Test("Each mistake is refused with its member named, and nothing is stored", arguments: wrong)
    func mistakes(_ wrong: Wrong) async throws {
        let vault = try await TestVault.open()
        let before = try vault.store.contents()
        let write = KeyWrite(
            path: try path("payments/stripe"), fields: wrong.fields, metadata: wrong.metadata, overlap: wrong.overlap)
        let error = await failure { try await vault.vault.put(vault.administrator, write) }
        #expect(error?.code == wrong.code)
        #expect(error?.field == wrong.field)
        #expect(try vault.store.contents() == before)
        #expect(vault.log.entries.count == 1)
    }

    @Test("The same metadata is refused in a change and an import, with nothing changed")
    func changesAndImports() async throws {
        let vault = try await TestVault.open()
        try await vault.put("payments/stripe")
        let before = try vault.store.contents()
        let stripe = try path("payments/stripe")
        for wrong in Self.wrong where wrong.overlap == nil && wrong.fields.count == 1 {
            guard wrong.field != "fields", !wrong.field.hasPrefix("fields.") else { continue }
            let error = await failure {
                try await vault.vault.change(vault.administrator, stripe, wrong.metadata, if: .none)
            }
            #expect(error?.field == wrong.field)
            let write = KeyWrite(path: try path("new"), fields: wrong.fields, metadata: wrong.metadata)
            let refused = await failure {
                try await vault.vault.importKeys(vault.administrator, [write], replace: false)
            }
            #expect(refused?.code == .invalidField)
            #expect(refused?.field == "new")
        }
        #expect(try vault.store.contents() == before)
    }

    @Test("What is at the limits is taken and given back byte for byte")
    func limits() async throws {
        let vault = try await TestVault.open()
        var fields = (0..<4).map { SecretField("f\($0)", Self.text(65_536)) }
        fields += [SecretField("empty", "")]
        let longest = String(repeating: "é", count: 200)
        let write = KeyWrite(
            path: try path("payments/stripe"), fields: fields,
            metadata: MetadataChange(
                name: longest, description: "two\nlines", provider: "Stripe <script>", visibility: .public,
                tags: ["b", "a", "b"], expires: .some(TestClock.start + 1)))
        let made = try await vault.vault.put(vault.administrator, write)
        #expect(made.created)
        #expect(made.metadata.name == longest)
        #expect(made.metadata.tags == ["a", "b"])
        #expect(made.metadata.visibility == .public)
        #expect(try vault.get("payments/stripe", field: "f3") == Self.text(65_536))
        #expect(try vault.get("payments/stripe", field: "empty") == "")
    }

    @Test("A field that is not there is refused with the names of those that are")
    func noSuchField() async throws {
        let vault = try await TestVault.open()
        try await vault.put("aws", fields: ["id": "AKIA", "secret": "s3cr3t"])
        let error = await failure { try vault.get("aws", field: "value") }
        #expect(error?.code == .notFound)
        #expect(error?.field == "field")
        #expect(error?.detail.contains("id, secret") == true)
        #expect(error?.detail.contains("AKIA") == false)
    }

    @Test("No more of a value is shown than its start, and nothing of a short one")
    func shownPrefix() async throws {
        let vault = try await TestVault.open()
        let shown = [
            ("sk_live_51Habcdefghijklmnop", "sk_"), ("sk_live_51Habcdefghijklmnopqrstuvwxyz012345678", "sk_live_"),
            ("short_one_here", ""), ("abcdefghijklmnopqrstuvwxyz", "abcd"), ("ghp_0123456789abcdef", "ghp_"),
            ("é123456789abcdef0123456789", ""), ("", ""),
        ]
        for (number, (value, prefix)) in shown.enumerated() {
            #expect(try await vault.put("k\(number)", value).prefix == prefix)
        }
        #expect(try await vault.put("pair", fields: ["id": "AKIA0123456789ABCDEF", "secret": "x"]).prefix == "")
        #expect(try await vault.put("one", fields: ["token": "ghp_0123456789abcdef"]).prefix == "ghp_")
    }
}
