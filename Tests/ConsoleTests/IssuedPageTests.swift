import IssuedKeys
import SecretMemory
import Testing
import Vault

@testable import Console

/// Issuers, issued keys and access keys.
@Suite struct IssuedPageTests {
    private static let policies = """
        policy: support
        rules:
          - allow: [revoke]
            issuers: [shop]
        """

    /// An issuer `shop` with a tier, and the page that lists its keys.
    private func shop(_ browser: Browser) async throws {
        try await browser.get("/console/issuers:add")
        try await browser.post(
            "/console/issuers:add",
            [
                "name": "shop", "prefix": "shop_live", "scopes": "orders:read\r\norders:write", "lifetime": "90d",
                "tiers": "free=10/s,quota=100/month", "environment": "live", "visibility": "private",
            ])
    }

    /// Issues a key and returns its text, from the page that shows it.
    private func issue(_ browser: Browser, _ fields: [String: String] = [:]) async throws -> String {
        try await browser.get("/console/issuers/shop:issue")
        try await browser.post(
            "/console/issuers/shop:issue",
            ["name": "Acme", "owner": "acme", "scope": "orders:read", "tier": "free"].merging(fields) { $1 })
        return Self.secret(browser.page) ?? ""
    }

    static func secret(_ page: String) -> String? {
        page.firstMatch(of: #/data-secret><code>([^<]+)<\/code>/#).map { String($0.1) }
    }

    @Test("A form for an issuer that is wrong says so at its fields, and makes none")
    func wrongIssuer() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await browser.get("/console/issuers:add")
        let status = try await browser.post(
            "/console/issuers:add", ["name": "Shop API", "lifetime": "long", "tiers": "free", "scopes": "a b"])
        #expect(status == 400)
        #expect(browser.page.contains("id=\"f-lifetime-error\"") && browser.page.contains("id=\"f-tiers-error\""))
        #expect(browser.page.contains("value=\"Shop API\""))
        #expect(try await browser.post("/console/issuers:add", ["name": "Shop API"]) == 400)
        #expect(browser.page.contains("id=\"f-name-error\""))
        #expect(try scene.vault.issuers(scene.requester(key), limit: 10, cursor: nil).items.count == 1)
    }

    @Test("A key is shown on one page once, and on no other")
    func shownOnce() async throws {
        let (scene, browser, _) = try await ConsoleScene.signedIn()
        try await shop(browser)
        let text = try await issue(browser)
        #expect(text.hasPrefix("shop_live_"))
        #expect(browser.path.hasSuffix(":shown"))
        let page = browser.path
        let id = String(page.split(separator: "/")[4].dropLast(":shown".count))
        try await browser.get(page)
        #expect(browser.page.contains("This key was shown already") && !browser.page.contains(text))
        for address in [
            "/console/issuers/shop", "/console/issuers/shop/keys/\(id)", "/console/issuers/shop/keys/\(id):roll",
            "/console/issuers/shop/keys/\(id):revoke", "/console/audit", "/console/usage",
        ] {
            #expect(try await browser.get(address) == 200, "\(address)")
            #expect(!browser.page.contains(text), "\(address)")
        }
        #expect(!scene.auditText.contains(text))
        // Another session does not get it, nor does one that asks for another key.
        let second = try await issue(browser)
        #expect(second != text)
    }

    @Test("A public key that nothing limits is warned of when it is made and on its page, and no other key is")
    func openKey() async throws {
        let (_, browser, _) = try await ConsoleScene.signedIn()
        try await shop(browser)
        try await browser.get("/console/issuers:add")
        try await browser.post(
            "/console/issuers:add", ["name": "web", "scopes": "read", "environment": "live", "visibility": "public"])
        for (issuer, limits, isOpen) in [("web", "", true), ("web", "10/s", false), ("shop", "", false)] {
            try await browser.get("/console/issuers/\(issuer):issue")
            #expect(browser.page.contains("and a limit") == (issuer == "web"))
            try await browser.post("/console/issuers/\(issuer):issue", ["name": "page", "limits": limits])
            #expect(browser.path.hasSuffix(":shown"))
            #expect(browser.page.contains("public and nothing limits it") == isOpen)
            try await browser.get(String(browser.path.dropLast(":shown".count)))
            #expect(browser.page.contains("It is public: whoever reads it") == isOpen)
        }
    }

    @Test("A new key's text is not kept for a page about another key")
    func anotherKey() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await shop(browser)
        let requester = scene.requester(key)
        let other = try await scene.vault.issue(requester, from: "shop", IssueRequest(name: "other"))
        let session = Session(
            key: WipedBytes(utf8: key), host: "h", now: 0, random: SystemRandom())
        session.hold(WipedBytes(utf8: "text"), of: "one")
        #expect(session.takeHeld(of: other.record.id) == nil)
        #expect(session.takeHeld(of: "one") == nil, "it was given up")
    }

    @Test("What the vault does not accept stands at its field, and what was typed is kept")
    func wrongKey() async throws {
        let (_, browser, _) = try await ConsoleScene.signedIn()
        try await shop(browser)
        for (field, value, error) in [
            ("networks", "nowhere", "f-networks-error"), ("limits", "many", "f-limits-error"),
            ("expires", "soon", "f-expires-error"), ("metadata", "x", "f-metadata-error"),
            ("quota", "-1", "f-quota-error"), ("scope", "orders:delete", "scope-error"), ("name", "", "f-name-error"),
        ] {
            _ = try await issue(browser, ["description": "kept & shown", field: value])
            #expect(browser.reply.status == 400, "\(field)")
            #expect(browser.page.contains("id=\"\(error)\""), "\(field)")
            #expect(browser.page.contains("kept &amp; shown"), "\(field)")
            #expect(browser.page.contains("<li><a href=\"#f-\(field)\">"), "\(field) is named")
        }
    }

    @Test("A list says how many keys it has, and a search how many it found")
    func counts() async throws {
        let (_, browser, _) = try await ConsoleScene.signedIn()
        try await shop(browser)
        try await browser.get("/console/issuers/shop")
        #expect(browser.page.contains("role=\"status\">0 keys on this page</p>"))
        _ = try await issue(browser)
        try await browser.get("/console/issuers/shop")
        #expect(browser.page.contains("role=\"status\">1 key on this page</p>"))
        for (query, told) in [("q=acme", "1 found"), ("q=nobody", "0 found"), ("owner=acme", "1 found")] {
            try await browser.get("/console/issuers/shop?" + query)
            #expect(browser.page.contains("role=\"status\">\(told)</p>"), "\(query)")
        }
    }

    @Test("A key is disabled, enabled, rolled and revoked, in force at once")
    func life() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await shop(browser)
        let text = try await issue(browser)
        let base = String(browser.path.dropLast(":shown".count))
        func code(_ text: String) async throws -> String {
            try await scene.vault.verify(scene.requester(key), VerifyQuery(key: WipedBytes(utf8: text))).code.rawValue
        }
        #expect(try await code(text) == "VALID")
        try await browser.get(base)
        try await browser.post(base + ":disable")
        #expect(try await code(text) == "DISABLED")
        try await browser.post(base + ":enable")
        #expect(try await code(text) == "VALID")
        try await browser.get(base + ":roll")
        #expect(try await browser.post(base + ":roll", ["overlap": "for a while"]) == 400)
        try await browser.post(base + ":roll", ["overlap": "1h"])
        let successor = try #require(Self.secret(browser.page))
        #expect(try await code(successor) == "VALID")
        #expect(try await code(text) == "VALID")
        let next = String(browser.path.dropLast(":shown".count))
        try await browser.get(next + ":revoke")
        #expect(browser.page.contains("cannot be brought back"))
        try await browser.post(next + ":revoke")
        #expect(try await code(successor) == "REVOKED")
        #expect(browser.page.contains("revoked"))
        try await browser.post(next + ":enable")
        #expect(browser.page.contains("A revoked key stays revoked"))
    }

    @Test("The page of a key has what is left of its limits, and its usage")
    func left() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await shop(browser)
        let text = try await issue(browser)
        let base = String(browser.path.dropLast(":shown".count))
        for _ in 0..<3 {
            _ = try await scene.vault.verify(scene.requester(key), VerifyQuery(key: WipedBytes(utf8: text)))
        }
        try await browser.get(base)
        #expect(browser.page.contains("97 of 100"))
        #expect(browser.page.contains("3 verifications in the last 30 days"))
        #expect(browser.page.contains("VALID"))
    }

    @Test("A pasted key or its beginning is found, and is on no page and in no address")
    func finding() async throws {
        let (scene, browser, _) = try await ConsoleScene.signedIn()
        try await shop(browser)
        let text = try await issue(browser)
        try await browser.get("/console/issuers:find")
        for (pasted, words) in [
            (" \(text)\n", "Yes: this very key"), (String(text.prefix(15)), "Keys that begin so"),
            ("shop_live_zzzzzz", "Not one of ours"),
        ] {
            #expect(try await browser.post("/console/issuers:find", ["key": pasted]) == 200)
            #expect(browser.page.contains(words))
            #expect(!browser.page.contains(text) && !browser.page.contains("zzzzzz"))
        }
        #expect(try await browser.post("/console/issuers:find", ["key": "sho"]) == 400)
        #expect(browser.page.contains("id=\"f-key-error\""))
        #expect(browser.history.allSatisfy { !$0.request.contains(text) })
        #expect(!scene.auditText.contains(text))
    }

    @Test("An issuer is changed, and goes when no key of it can be used")
    func issuerEnd() async throws {
        let (_, browser, _) = try await ConsoleScene.signedIn()
        try await shop(browser)
        _ = try await issue(browser)
        let base = String(browser.path.dropLast(":shown".count))
        try await browser.get("/console/issuers/shop:edit")
        #expect(browser.page.contains("free=10/s,quota=100/month"))
        try await browser.post(
            "/console/issuers/shop:edit",
            ["description": "For the shop", "scopes": "orders:read", "tiers": "", "lifetime": ""])
        #expect(browser.page.contains("For the shop") && browser.page.contains("No tiers"))
        try await browser.get("/console/issuers/shop:delete")
        try await browser.post("/console/issuers/shop:delete")
        #expect(browser.page.contains("revoke them first"))
        try await browser.get(base + ":revoke")
        try await browser.post(base + ":revoke")
        try await browser.get("/console/issuers/shop:delete")
        try await browser.post("/console/issuers/shop:delete")
        #expect(browser.page.contains("The issuer shop is gone") && browser.page.contains("No issuers yet"))
    }

    @Test("A change of an issuer leaves what was said of its tiers, as long as they keep their names")
    func tierDescriptions() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        _ = try await scene.vault.createIssuer(
            scene.requester(key),
            IssuerRequest(
                name: "shop", scopes: ["orders:read"],
                tiers: [
                    IssuerTier(name: "free", description: "For everybody", limits: ["10/s"]),
                    IssuerTier(name: "pro", description: "For who pays", limits: ["100/s"]),
                ]))
        try await browser.get("/console/issuers/shop:edit")
        try await browser.post(
            "/console/issuers/shop:edit", ["scopes": "orders:read", "tiers": "basic=1/s\r\nfree=20/s"])
        let tiers = try scene.vault.issuer(scene.requester(key), "shop").tiers
        #expect(tiers.map(\.name).sorted() == ["basic", "free"])
        #expect(tiers.first { $0.name == "free" }?.description == "For everybody")
        #expect(tiers.first { $0.name == "free" }?.limits == ["20/s"])
        #expect(tiers.first { $0.name == "basic" }?.description == "")
    }

    @Test("Access keys are made with the policies that their maker may hand on, and no others")
    func accessKeys() async throws {
        let policies = """
            policy: team
            rules:
              - allow: [issue]
                policies: [reader]
            """
        let (scene, administrator) = try await ConsoleScene.opened(policies: policies)
        let browser = Browser(scene)
        try await browser.signIn(administrator)
        try await browser.get("/console/access:issue")
        #expect(browser.page.contains("value=\"team\"") && browser.page.contains("value=\"administrator\""))
        try await browser.post("/console/access:issue", ["name": "app", "scope": "team", "networks": "10.0.0.0/8"])
        #expect(Self.secret(browser.page)?.hasPrefix("keyturn_") == true)
        #expect(try await browser.post("/console/access:issue", ["name": "app"]) == 400)
        #expect(browser.page.contains("id=\"scope-error\""))
        let small = Browser(scene)
        try await small.signIn(try await scene.accessKey(administrator, ["team"]))
        try await small.get("/console/access:issue")
        #expect(!small.page.contains("value=\"administrator\""))
        try await small.post("/console/access:issue", ["name": "app", "scope": "administrator"])
        #expect(small.reply.status == 403 && Self.secret(small.page) == nil)
    }

    @Test("Whoever may do less is offered less, and is refused the rest")
    func less() async throws {
        let (scene, administrator) = try await ConsoleScene.opened(policies: Self.policies)
        let browser = Browser(scene)
        try await browser.signIn(administrator)
        try await shop(browser)
        _ = try await issue(browser)
        let base = String(browser.path.dropLast(":shown".count))
        let small = Browser(scene)
        try await small.signIn(try await scene.accessKey(administrator, ["support"]))
        #expect(try await small.get("/console/issuers/shop") == 200)
        #expect(!small.page.contains("+ Issue a key") && small.page.contains("Acme"))
        #expect(try await small.get(base) == 200)
        #expect(small.page.contains("Revoke …") && !small.page.contains("Roll …"))
        #expect(try await small.post("/console/issuers/shop:issue", ["name": "x", "scope": "orders:read"]) == 403)
        #expect(try await small.post("/console/issuers:add", ["name": "mine"]) == 403)
    }
}
