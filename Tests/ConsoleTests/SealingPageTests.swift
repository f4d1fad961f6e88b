import SecretMemory
import Testing
import Vault

@testable import Console

/// Making, opening and closing the vault in a browser.
@Suite struct SealingPageTests {
    /// The secret that a page shows.
    private static func secret(_ page: String) throws -> String {
        String(try #require(page.firstMatch(of: #/<pre id="secret-0"[^>]*><code>([^<]+)<\/code>/#)).1)
    }

    @Test("A vault is not made without the token, with two passphrases that differ, or without one")
    func notMade() async throws {
        let scene = try ConsoleScene()
        let browser = Browser(scene)
        try await browser.get("/console")
        #expect(browser.path == "/console/initialize")
        let wrong: [([String: String], Int, String)] = [
            (["passphrase": "a b c", "again": "a b c", "token": "wrong"], 403, "f-token-error"),
            (["passphrase": "a b c", "again": "a b c", "token": ""], 403, "f-token-error"),
            (["passphrase": "a b c", "again": "a b d", "token": ConsoleScene.token], 400, "f-again-error"),
            (["passphrase": "", "again": "", "token": ConsoleScene.token], 400, "f-passphrase-error"),
        ]
        for (fields, status, word) in wrong {
            #expect(try await browser.post("/console/initialize", fields) == status, "\(word)")
            #expect(browser.page.contains("id=\"\(word)\""), "\(word)")
            #expect(!browser.page.contains("a b c") && !browser.page.contains(ConsoleScene.token))
        }
        #expect(scene.vault.status().state == .uninitialized)
    }

    @Test("A vault is made when the recovery code has been typed back, and its access key signs in")
    func made() async throws {
        let scene = try ConsoleScene()
        let browser = Browser(scene)
        try await browser.get("/console/initialize")
        try await browser.post(
            "/console/initialize",
            [
                "passphrase": ConsoleScene.passphrase, "again": ConsoleScene.passphrase,
                "token": ConsoleScene.token + "\n",
            ])
        let code = try Self.secret(browser.page)
        let ceremony = try #require(browser.value(of: "ceremony"))
        #expect(scene.vault.status().state == .uninitialized)
        #expect(
            try await browser.post("/console/initialize:confirm", ["ceremony": ceremony, "code": "not the code"]) == 403
        )
        #expect(!browser.page.contains(code) && scene.vault.status().state == .uninitialized)
        #expect(browser.value(of: "ceremony") == ceremony)
        try await browser.post("/console/initialize:confirm", ["ceremony": ceremony, "code": " \(code)\r\n"])
        #expect(scene.vault.status().state == .unsealed)
        let key = try Self.secret(browser.page)
        #expect(key.hasPrefix("keyturn_") && !scene.auditText.contains(key) && !scene.auditText.contains(code))
        try await browser.signIn(key)
        #expect(browser.path == "/console/keys")
        try await browser.get("/console/initialize")
        #expect(browser.path == "/console/keys")
    }

    @Test("A wrong passphrase opens nothing and slows the next attempt; the right one opens the vault")
    func unseal() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await scene.vault.seal(scene.requester(key))
        try await browser.get("/console")
        #expect(browser.path == "/console/unseal" && browser.page.contains("The vault is sealed"))
        #expect(try await browser.post("/console/unseal", ["passphrase": "wrong one"]) == 403)
        #expect(browser.page.contains("f-passphrase-error") && !browser.page.contains("wrong one"))
        #expect(try await browser.post("/console/unseal", ["passphrase": ConsoleScene.passphrase]) == 429)
        #expect(browser.reply.header("Retry-After") != nil && scene.vault.status().state == .sealed)
        scene.clock.pass(2_000)
        #expect(try await browser.post("/console/unseal", ["passphrase": ConsoleScene.passphrase, "slot": "5"]) == 400)
        #expect(browser.page.contains("f-slot-error"))
        try await browser.post("/console/unseal", ["passphrase": ConsoleScene.passphrase, "slot": "0"])
        #expect(scene.vault.status().state == .unsealed && browser.path == "/console/sign-in")
        #expect(browser.page.contains("The vault is open."))
    }

    @Test("Sealing asks first, and needs who may operate")
    func seal() async throws {
        let (scene, administrator) = try await ConsoleScene.opened(policies: SessionTests.reader)
        let reader = Browser(scene)
        try await reader.signIn(try await scene.accessKey(administrator, ["reader"]))
        try await reader.get("/console/seal")
        #expect(try await reader.post("/console/seal") == 403)
        #expect(scene.vault.status().state == .unsealed)
        let browser = Browser(scene)
        try await browser.signIn(administrator)
        try await browser.get("/console/seal")
        #expect(scene.vault.status().state == .unsealed && browser.page.contains("Seal now"))
        #expect(browser.page.contains("<strong>Slot 0</strong>: a passphrase"))
        #expect(browser.page.contains("<strong>Slot 1</strong>: the recovery code") && !reader.page.contains("Slot 0"))
        try await browser.post("/console/seal")
        #expect(scene.vault.status().state == .sealed && browser.path == "/console/unseal")
        #expect(scene.console.sessions.count == 0)
    }

    @Test("What needs attention is told on every page: what expires, and what did not rotate")
    func banners() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await scene.put(key, "a/b", "v", MetadataChange(expires: .some(scene.clock.wall + 3 * 86_400_000)))
        try await scene.put(
            key, "a/c", "v",
            MetadataChange(rotation: .set(RotationSettingsInput(rotator: "generate", timing: .every(3_600_000)))))
        scene.clock.pass(61_000)
        try await browser.get("/console/add-key")
        #expect(browser.page.contains("1 key expires within 7 days."))
        #expect(!browser.page.contains("overdue"))
        // Nothing rotates here: nobody drives the engine.
        for _ in 0..<40 {
            scene.clock.pass(10 * 60_000)
            try await browser.get("/console/add-key")
        }
        #expect(browser.page.contains("Rotations: 1 overdue."))
    }

    @Test("An audit log that cannot be written is told on the page that it refused, and not any more once it can")
    func auditTrouble() async throws {
        let (scene, browser, _) = try await ConsoleScene.signedIn()
        try scene.moveAuditLog(away: true)
        #expect(try await browser.get("/console/keys") == 507)
        #expect(browser.page.contains("audit_unavailable"))
        #expect(try await browser.get("/console/add-key") == 200)
        #expect(browser.page.contains("class=\"banner bad\"") && browser.page.contains("Audit log: "))
        try scene.moveAuditLog(away: false)
        #expect(try await browser.get("/console/keys") == 200)
        #expect(!browser.page.contains("Audit log: "))
    }

    @Test("A clock that was put far forward is told on every page, until somebody says that it is right")
    func heldClock() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await scene.put(
            key, "a/b", "v",
            MetadataChange(rotation: .set(RotationSettingsInput(rotator: "generate", timing: .every(30 * 86_400_000)))))
        scene.clock.putForward(401 * 86_400_000)
        try await browser.get("/console/add-key")
        #expect(browser.page.contains("The clock was put far forward, so nothing rotates."))
        #expect(!browser.page.contains("1 held"), "the clock is the one reason, and is told once")
        try await browser.get("/console/rotation")
        #expect(browser.page.contains("The clock is right"))
        try await browser.post("/console/rotation:confirm-time")
        #expect(!browser.page.contains("The clock was put far forward") && !browser.page.contains("The clock is right"))
    }
}
