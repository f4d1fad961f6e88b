import Policy
import SecretMemory
import Testing
import Vault

@testable import Console

/// Forms that no page of ours sent, and names under which nobody may be.
@Suite struct ForgedRequestTests {
    /// Every form of the console, with what stands in braces filled in.
    static var forms: [String] {
        ConsolePage.all.filter { $0.method == .post }.map { Self.sample($0.template) }
    }

    static func sample(_ template: String) -> String {
        var text = template.replacing("{path}", with: "a/b")
        while let open = text.firstIndex(of: "{"), let close = text.firstIndex(of: "}") {
            text.replaceSubrange(open...close, with: "one")
        }
        return text
    }

    @Test("A form of another site does nothing, on any page, whatever cookie and token it brings")
    func crossSite() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await scene.put(key, "a/b")
        let token = browser.token
        let before = try scene.vault.inspect(scene.requester(key), .init(parsing: "a/b"))
        let wrong: [(origin: String?, site: String?)] = [
            ("http://evil.example", "cross-site"), ("http://evil.example", nil), ("null", nil), (nil, nil),
            ("null", "cross-site"), (nil, "same-site"), (nil, "none"), ("http://localhost:8200", "same-site"),
            ("http://localhost:3000", nil), ("http://\(browser.host)", "cross-site"), ("https://evil.example", nil),
        ]
        for form in Self.forms {
            for (origin, site) in wrong {
                let body = Browser.form(["csrf": token, "confirm": "a/b", "etag": before.etag, "value": "x"])
                let reply = try await browser.send("POST", form, origin: origin, site: site, body: body)
                #expect(reply.status == 403 && reply.code == "origin_refused", "\(form) \(origin ?? "-")")
            }
        }
        #expect(try scene.vault.inspect(scene.requester(key), .init(parsing: "a/b")).etag == before.etag)
        #expect(scene.vault.status().state == .unsealed && scene.console.sessions.count == 1)
    }

    @Test("A form without the token of its own session does nothing, on any page")
    func noToken() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await scene.put(key, "a/b")
        let other = Browser(scene)
        try await other.signIn(key)
        let stranger = Browser(scene)
        try await stranger.get("/console/sign-in")
        let before = try scene.vault.inspect(scene.requester(key), .init(parsing: "a/b"))
        for form in Self.forms {
            for token in ["", "x", other.token, stranger.token, String(repeating: "0", count: 32)] {
                let body = Browser.form(["csrf": token, "confirm": "a/b", "etag": before.etag, "value": "x"])
                let reply = try await browser.send("POST", form, origin: "null", site: "same-origin", body: body)
                #expect(reply.status == 403 && reply.code == "origin_refused", "\(form)")
            }
        }
        #expect(try scene.vault.inspect(scene.requester(key), .init(parsing: "a/b")).etag == before.etag)
        #expect(scene.vault.status().state == .unsealed)
    }

    @Test("The form to sign in needs the cookie of the visit that it was made for")
    func signInForm() async throws {
        let (scene, key) = try await ConsoleScene.opened()
        let attacker = Browser(scene)
        try await attacker.get("/console/sign-in")
        let victim = Browser(scene)
        try await victim.get("/console/sign-in")
        #expect(attacker.token != victim.token)
        try await victim.post("/console/sign-in", ["key": key, "csrf": attacker.token])
        #expect(victim.reply.status == 403 && scene.console.sessions.count == 0)
    }

    @Test("Who has not signed in is led to the form, by every page that needs it, and nothing is done")
    func notSignedIn() async throws {
        let (scene, key) = try await ConsoleScene.opened()
        try await scene.put(key, "a/b")
        for page in ConsolePage.all where page.audience == .signedIn {
            let browser = Browser(scene)
            try await browser.get("/console/sign-in")
            let body = page.method == .post ? Browser.form(["csrf": browser.token, "confirm": "a/b"]) : ""
            let reply = try await browser.send(
                page.method.rawValue, Self.sample(page.template), origin: nil, site: "same-origin", body: body)
            #expect(reply.status == 303 && reply.header("Location")?.hasPrefix("/console/sign-in") == true)
        }
        #expect(try scene.vault.inspect(scene.requester(key), .init(parsing: "a/b")).state == .active)
    }

    @Test("Plain loopback leads to a label of its own for each visit")
    func labels() async throws {
        let (scene, _) = try await ConsoleScene.opened()
        var labels: Set<String> = []
        for host in ["localhost:8200", "127.0.0.1:8200", "[::1]:8200"] {
            let browser = Browser(scene)
            browser.host = host
            let reply = try await browser.send("GET", "/console/keys?q=a", origin: nil, site: "none", body: "")
            let location = try #require(reply.header("Location"))
            #expect(reply.status == 303 && location.hasSuffix(".localhost:8200/console/keys?q=a"))
            #expect(reply.headers("Set-Cookie").isEmpty)
            labels.insert(location)
        }
        #expect(labels.count == 3)
    }

    @Test("A label that this process did not give has no session and leads back")
    func strangeLabel() async throws {
        let (scene, key) = try await ConsoleScene.opened()
        let browser = Browser(scene)
        browser.host = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.localhost:8200"
        let reply = try await browser.send("GET", "/console/sign-in", origin: nil, site: "none", body: "")
        #expect(reply.header("Location") == "http://localhost:8200/console/sign-in")
        let post = try await browser.send(
            "POST", "/console/sign-in", origin: nil, site: "same-origin", body: Browser.form(["key": key]))
        #expect(post.status == 403 && scene.console.sessions.count == 0)
    }

    @Test("A session's cookie is none under another label, nor under the name that all servers share")
    func boundToItsHost() async throws {
        let (scene, browser, _) = try await ConsoleScene.signedIn()
        let cookies = try #require(browser.cookies.values.first { $0["keyturn"] != nil })
        let other = Browser(scene)
        try await other.get("/console/sign-in")
        #expect(other.host != browser.host)
        other.cookies[String(other.host.split(separator: ":")[0])] = cookies
        try await other.get("/console/keys")
        #expect(other.path == "/console/sign-in")
    }

    @Test("Cookies are for the console alone, out of scripts' reach, and with TLS for this host alone")
    func cookies() async throws {
        let (scene, key) = try await ConsoleScene.opened()
        let plain = Browser(scene)
        try await plain.get("/console/sign-in")
        try await plain.send(
            "POST", "/console/sign-in", origin: nil, site: "same-origin",
            body: Browser.form(["csrf": plain.token, "key": key]))
        try await plain.goOn()
        let cookie = try #require(plain.reply.headers("Set-Cookie").first { $0.hasPrefix("keyturn=") })
        #expect(cookie.hasSuffix("; Path=/console; HttpOnly; SameSite=Strict"))
        let secure = Browser(scene)
        secure.host = "vault.example"
        secure.isTLS = true
        try await secure.get("/console/sign-in")
        let encrypted = try await secure.send(
            "POST", "/console/sign-in", origin: "https://vault.example", site: nil,
            body: Browser.form(["csrf": secure.token, "key": key]))
        let guarded = try #require(encrypted.headers("Set-Cookie").first { $0.hasPrefix("__Host-keyturn=") })
        #expect(guarded.hasSuffix("; Path=/; HttpOnly; SameSite=Strict; Secure"))
        #expect(!guarded.contains("Domain"))
        let out = try await secure.send(
            "POST", "/console/sign-out", origin: "https://vault.example", site: nil,
            body: Browser.form([
                "csrf": scene.console.sessions.find(
                    String(guarded.split(separator: ";")[0].split(separator: "=")[1]), host: "vault.example",
                    at: scene.clock.steady)?.formToken ?? ""
            ]))
        #expect(out.header("Clear-Site-Data") == #""cache""#)
    }

    @Test("Where to go after signing in is a page of the console and nothing else")
    func goals() throws {
        for bad in [
            "https://evil.example/", "//evil.example", "/console/..//evil.example", "/v1/keys", "javascript:alert(1)",
            "/console/\\evil", "/console/a?b=c", "/consolex/a", "/console/\r\nSet-Cookie: a=b",
        ] {
            #expect(SignIn.goal(FormFields([("to", bad)])) == "/console/keys", "\(bad)")
        }
        #expect(SignIn.goal(FormFields([("to", "/console/keys/a/b:edit")])) == "/console/keys/a/b:edit")
    }

    @Test("Labels are 80 random bits and a sum: one that was changed anywhere is not ours")
    func labelSums() throws {
        let labels = HostLabels(sums: KeyedSum(random: SystemRandom()), random: SystemRandom())
        let others = HostLabels(sums: KeyedSum(random: SystemRandom()), random: SystemRandom())
        let label = labels.make()
        #expect(label.utf8.count == 32 && labels.isOurs(label) && !others.isOurs(label))
        for place in 0..<32 {
            var changed = Array(label)
            changed[place] = changed[place] == "a" ? "b" : "a"
            #expect(!labels.isOurs(String(changed)))
        }
        #expect(HostLabels.split("\(label).localhost:8200")?.rest == "localhost:8200")
        for bad in ["\(label).localhost.evil.example", "\(label).evil.example", "x.localhost", "a.\(label).localhost"] {
            #expect(HostLabels.split(bad) == nil, "\(bad)")
        }
    }

    @Test("What was turned away is counted in the audit log by its code, and nothing of what was sent is in it")
    func counted() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        let marker = "MARKER4711"
        for form in Self.forms where !form.hasSuffix("/seal") {
            let body = Browser.form([
                "csrf": marker, "key": marker, "value": marker, "name": marker, "passphrase": marker,
            ])
            try await browser.send("POST", form, origin: "http://\(marker)", site: marker, body: body)
            try await browser.send("POST", form, origin: nil, site: "same-origin", body: body)
        }
        scene.vault.flushRefusals()
        scene.clock.pass(2_000)
        scene.vault.flushRefusals()
        // Those lines are waited for by nobody; this one, which comes after them, is.
        _ = try? scene.vault.inspect(scene.requester(key), .init(parsing: "a/none"))
        #expect(scene.auditText.contains("\"code\":\"origin_refused\""))
        #expect(!scene.auditText.contains(marker))
        #expect(browser.history.allSatisfy { !$0.page.contains(marker) })
    }
}
