import Policy
import Rotation
import SecretMemory
import Testing
import Vault

@testable import Console

/// The stored keys, from adding one to destroying it.
@Suite struct StoredKeyTests {
    private static let value = "sk_live_4eC39HqLyjWDarjtT1zdp7dc"

    @Test("A form that is wrong says so next to each field, keeps what was typed, and never the value")
    func wrongForm() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await browser.get("/console/add-key")
        let status = try await browser.post(
            "/console/add-key",
            [
                "path": "../etc", "name": "Stripe", "description": "two\r\nlines", "expires": "soon",
                "value": Self.value,
                "rotator": "generate", "every": "often",
            ])
        #expect(status == 400)
        for word in ["id=\"f-path-error\"", "id=\"f-expires-error\"", "id=\"f-every-error\"", "aria-invalid=\"true\""] {
            #expect(browser.page.contains(word), "\(word)")
        }
        #expect(
            browser.value(of: "csrf") != nil && browser.page.contains("value=\"Stripe\"")
                && browser.page.contains("../etc"))
        #expect(browser.page.contains("two\nlines</textarea>"))
        #expect(!browser.page.contains(Self.value))
        #expect(throws: VaultError.self) {
            try scene.vault.inspect(scene.requester(key), ResourcePath(parsing: "etc"))
        }
    }

    @Test("What the vault finds wrong stands at its field too: a path that is taken, a rotator that is not there")
    func refusedByVault() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await scene.put(key, "a/b")
        try await browser.get("/console/add-key")
        #expect(try await browser.post("/console/add-key", ["path": "a/b", "value": "x"]) == 412)
        #expect(browser.page.contains("id=\"f-path-error\"") && browser.page.contains("one in the trash keeps"))
        #expect(try await browser.post("/console/add-key", ["path": "a/c", "value": "x", "rotator": "magic"]) == 400)
        #expect(browser.page.contains("id=\"f-rotator-error\""))
        #expect(try await browser.post("/console/add-key", ["path": "a/c"]) == 400)
        #expect(browser.page.contains("id=\"f-value-error\""))
        #expect(try scene.vault.list(scene.requester(key), KeyQuery()).items.count == 1)
    }

    @Test("The value of a key is on the page that reveals it and on no other")
    func reveal() async throws {
        let (scene, browser, _) = try await ConsoleScene.signedIn()
        try await browser.get("/console/add-key")
        try await browser.post(
            "/console/add-key",
            [
                "path": "payments/stripe", "name": "Stripe", "provider": "stripe", "tags": "live, cards",
                "description": "Takes money", "expires": "90d", "value": Self.value + "\r\n", "field1": "account",
                "value1": "acct_<b>&1", "rotator": "generate", "every": "90d", "overlap": "24h",
            ])
        #expect(browser.reply.status == 200 && browser.path == "/console/keys/payments/stripe")
        #expect(browser.page.contains("The key payments/stripe is stored."))
        try await browser.get("/console/keys/payments/stripe")
        #expect(!browser.page.contains("is stored."), "a notice is shown once")
        for verb in ["edit", "store", "schedule", "destroy"] {
            try await browser.get("/console/keys/payments/stripe:" + verb)
        }
        try await browser.get("/console/keys")
        try await browser.get("/console/keys/payments/stripe:reveal")
        #expect(browser.path == "/console/keys/payments/stripe")
        #expect(browser.history.allSatisfy { !$0.page.contains("4eC39H") && !$0.page.contains("acct_") })
        let audited = scene.auditText.matches(of: #/"action":"retrieve"/#).count
        try await browser.post("/console/keys/payments/stripe:reveal")
        #expect(browser.page.contains("<code>\(Self.value)</code>") && browser.page.contains("acct_&lt;b&gt;&amp;1"))
        #expect(browser.reply.header("Refresh") == "30; url=/console/keys/payments/stripe")
        #expect(scene.auditText.matches(of: #/"action":"retrieve"/#).count == audited + 1)
        #expect(!scene.auditText.contains("4eC39H"))
    }

    @Test("Bytes that are no text are revealed in base64, and an older version by its number")
    func revealOthers() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        for bytes in [[0xff, 0xfe, 0x00] as [UInt8], Array("second".utf8)] {
            _ = try await scene.vault.put(
                scene.requester(key),
                KeyWrite(
                    path: try ResourcePath(parsing: "a/b"),
                    fields: [
                        SecretField(
                            name: "value",
                            value: WipedBytes(count: bytes.count) { target in
                                for (place, byte) in bytes.enumerated() {
                                    target.storeBytes(of: byte, toByteOffset: place, as: UInt8.self)
                                }
                            })
                    ]))
        }
        try await browser.get("/console/keys/a/b")
        try await browser.post("/console/keys/a/b:reveal", ["version": "1"])
        #expect(browser.page.contains("<code>//4A</code>") && browser.page.contains("base64"))
        try await browser.get("/console/keys/a/b")
        try await browser.post("/console/keys/a/b:reveal")
        #expect(browser.page.contains("<code>second</code>"))
    }

    @Test("Metadata changes only where nobody else changed it meanwhile")
    func edit() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await scene.put(key, "a/b", "v", MetadataChange(name: "old", tags: ["x"]))
        try await browser.get("/console/keys/a/b:edit")
        let etag = try #require(browser.value(of: "etag"))
        try await browser.post(
            "/console/keys/a/b:edit", ["etag": etag, "name": "new", "tags": "y, z", "provider": "p"])
        #expect(browser.path == "/console/keys/a/b" && browser.page.contains("The changes are stored."))
        let after = try scene.vault.inspect(scene.requester(key), ResourcePath(parsing: "a/b"))
        #expect(after.name == "new" && after.tags == ["y", "z"] && after.provider == "p" && after.expires == nil)
        try await browser.get("/console/keys/a/b:edit")
        #expect(try await browser.post("/console/keys/a/b:edit", ["etag": etag, "name": "late"]) == 412)
        #expect(browser.page.contains("changed meanwhile") && browser.page.contains("value=\"late\""))
    }

    @Test("A form for a key that was moved to the trash meanwhile says so and keeps what was typed")
    func trashedMeanwhile() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await scene.put(key, "a/b")
        try await browser.get("/console/keys/a/b:edit")
        let etag = try #require(browser.value(of: "etag"))
        try await browser.post("/console/keys/a/b:delete")
        try await browser.get("/console/keys/a/b:edit")
        #expect(try await browser.post("/console/keys/a/b:edit", ["etag": etag, "name": "late"]) == 404)
        #expect(browser.page.contains("is in the trash; restore") && browser.page.contains("value=\"late\""))
    }

    @Test("A rotation is set up, run, rolled back, paused and taken away")
    func rotation() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await scene.put(key, "a/b")
        let path = try ResourcePath(parsing: "a/b")
        try await browser.get("/console/keys/a/b:schedule")
        try await browser.post(
            "/console/keys/a/b:schedule",
            [
                "etag": browser.value(of: "etag") ?? "", "rotator": "generate", "every": "30d", "overlap": "24h",
                "settings": "length=40\r\n", "jitter": "1h", "missed": "next", "retire": "after-overlap",
            ])
        #expect(browser.path == "/console/keys/a/b" && browser.page.contains("every 30d"))
        var report = try #require(try scene.vault.inspect(scene.requester(key), path).rotation)
        #expect(report.settings.timing == .every(30 * 86_400_000) && report.settings.missed == .next)
        #expect(report.settings.settings == ["length": "40"] && report.settings.jitter == 3_600_000)
        try await browser.get("/console/keys/a/b:schedule")
        #expect(browser.value(of: "every") == "30d" && browser.page.contains("length=40</textarea>"))
        try await browser.get("/console/keys/a/b")
        try await browser.post("/console/keys/a/b:rotate")
        #expect(browser.page.contains("Version 2 is current."))
        try await browser.post("/console/keys/a/b:rollback")
        #expect(try scene.vault.inspect(scene.requester(key), path).current == 1)
        try await browser.post("/console/keys/a/b:pause")
        #expect(browser.page.contains("paused") && browser.page.contains(":unpause"))
        try await browser.post("/console/keys/a/b:unpause")
        report = try #require(try scene.vault.inspect(scene.requester(key), path).rotation)
        #expect(!report.settings.paused)
        try await browser.get("/console/keys/a/b:schedule")
        try await browser.post(
            "/console/keys/a/b:schedule", ["etag": browser.value(of: "etag") ?? "", "rotator": ""])
        #expect(try scene.vault.inspect(scene.requester(key), path).rotation == nil)
    }

    @Test("A new version is stored, a deleted key is restored, and only its path destroys it")
    func ends() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await scene.put(key, "a/b")
        let path = try ResourcePath(parsing: "a/b")
        try await browser.get("/console/keys/a/b:store")
        try await browser.post(
            "/console/keys/a/b:store", ["etag": browser.value(of: "etag") ?? "", "value": "new", "overlap": "1h"])
        #expect(browser.page.contains("Version 2 is stored and current."))
        try await browser.post("/console/keys/a/b:delete")
        #expect(try scene.vault.inspect(scene.requester(key), path).state == .trashed)
        #expect(browser.page.contains("in the trash") && browser.page.contains(":restore"))
        try await browser.post("/console/keys/a/b:restore")
        #expect(try scene.vault.inspect(scene.requester(key), path).state == .active)
        try await browser.get("/console/keys/a/b:destroy")
        let etag = browser.value(of: "etag") ?? ""
        for wrong in ["", "a", "a/b/", "A/B"] {
            #expect(try await browser.post("/console/keys/a/b:destroy", ["etag": etag, "confirm": wrong]) == 400)
        }
        #expect(try scene.vault.inspect(scene.requester(key), path).state == .active)
        try await browser.post("/console/keys/a/b:destroy", ["etag": etag, "confirm": "a/b"])
        #expect(browser.path == "/console/keys" && browser.page.contains("The key a/b is erased."))
        #expect(throws: VaultError.self) { try scene.vault.inspect(scene.requester(key), path) }
    }

    @Test("A page offers what its reader may do, and a form that was not offered is refused with a decision's id")
    func offers() async throws {
        let (scene, administrator) = try await ConsoleScene.opened(
            policies: """
                policy: looker
                rules:
                  - allow: [list, inspect]
                    keys: ["**"]
                """)
        try await scene.put(administrator, "a/b", Self.value)
        let browser = Browser(scene)
        try await browser.signIn(try await scene.accessKey(administrator, ["looker"]))
        try await browser.get("/console/keys/a/b")
        for verb in ["reveal", "edit", "store", "delete", "destroy", "schedule"] {
            #expect(!browser.page.contains("/console/keys/a/b:\(verb)"), "\(verb)")
        }
        for verb in ["reveal", "rotate", "delete", "restore", "pause", "abort"] {
            #expect(
                try await browser.post("/console/keys/a/b:" + verb, ["csrf": browser.sessionToken]) == 403, "\(verb)")
            #expect(browser.page.contains("href=\"/console/decisions/"))
            #expect(!browser.page.contains(Self.value))
        }
        #expect(try await browser.get("/console/keys/no/such") == 404)
    }
}

extension Browser {
    /// The token of its session, as any page has it.
    var sessionToken: String {
        get async throws {
            try await get("/console/add-key")
            return token
        }
    }
}
