import SecretMemory
import Testing
import Vault

@testable import Console

/// Who is signed in, and until when.
@Suite struct SessionTests {
    @Test("A wrong access key signs nobody in, and the form does not show it again")
    func wrongKey() async throws {
        let (scene, _) = try await ConsoleScene.opened()
        let browser = Browser(scene)
        try await browser.get("/console")
        #expect(browser.path == "/console/sign-in")
        #expect(try await browser.post("/console/sign-in", ["key": "keyturn_wrong"]) == 403)
        #expect(browser.page.contains("not valid") && !browser.page.contains("keyturn_wrong"))
        #expect(scene.console.sessions.count == 0)
        try await browser.get("/console/keys")
        #expect(browser.path == "/console/sign-in")
    }

    @Test("After ten wrong access keys from one address further wrong ones wait for a minute")
    func throttled() async throws {
        let (scene, _) = try await ConsoleScene.opened()
        let browser = Browser(scene)
        try await browser.get("/console/sign-in")
        for _ in 0..<10 { #expect(try await browser.post("/console/sign-in", ["key": "keyturn_wrong"]) == 403) }
        #expect(try await browser.post("/console/sign-in", ["key": "keyturn_wrong"]) == 429)
        #expect(browser.reply.header("Retry-After") == "60")
        scene.clock.pass(60_000)
        #expect(try await browser.post("/console/sign-in", ["key": "keyturn_wrong"]) == 403)
        #expect(scene.console.sessions.count == 0)
    }

    @Test("A right access key gets in, however many wrong ones came from its address")
    func notLockedOut() async throws {
        let (scene, key) = try await ConsoleScene.opened()
        let stranger = Browser(scene)
        try await stranger.get("/console/sign-in")
        for _ in 0..<25 { try await stranger.post("/console/sign-in", ["key": "keyturn_wrong"]) }
        #expect(stranger.reply.status == 429)
        let browser = Browser(scene)
        try await browser.signIn(key)
        #expect(browser.reply.status == 200 && browser.path == "/console/keys")
        #expect(scene.console.sessions.count == 1)
    }

    @Test("The throttle remembers no more addresses than it has room for")
    func throttleIsBounded() {
        let throttle = SignInThrottle()
        for number in 0..<5_000 { throttle.failed("address \(number)", at: 0) }
        for _ in 0..<10 { throttle.failed("late", at: 0) }
        #expect(throttle.wait("late", at: 1) != nil)
        #expect(throttle.wait("address 1", at: 1) == nil)
        #expect(throttle.wait("late", at: SignInThrottle.pause) == nil)
    }

    @Test("A session ends after 15 minutes without a request")
    func idle() async throws {
        let (scene, browser, _) = try await ConsoleScene.signedIn()
        scene.clock.pass(Session.idle - 1)
        #expect(try await browser.get("/console/keys") == 200)
        #expect(browser.path == "/console/keys")
        scene.clock.pass(Session.idle)
        try await browser.get("/console/keys")
        #expect(browser.path == "/console/sign-in" && browser.page.contains("You are signed out"))
        #expect(scene.console.sessions.count == 0)
    }

    @Test("A session ends after eight hours, however it is used")
    func absolute() async throws {
        let (scene, browser, _) = try await ConsoleScene.signedIn()
        for _ in 0..<32 where browser.path != "/console/sign-in" {
            scene.clock.pass(Session.longest / 32)
            try await browser.get("/console/keys")
        }
        #expect(browser.path == "/console/sign-in")
    }

    @Test("A revoked access key is signed out by the next request, also on a page that asks the vault nothing")
    func revoked() async throws {
        let (scene, administrator) = try await ConsoleScene.opened(policies: Self.reader)
        let key = try await scene.accessKey(administrator, ["reader"])
        let browser = Browser(scene)
        try await browser.signIn(key)
        #expect(try await browser.get("/console/add-key") == 200)
        let id = try #require(scene.vault.glimpse(scene.requester(key))?.caller.id)
        _ = try await scene.vault.revoke(scene.requester(administrator), id: id)
        try await browser.get("/console/add-key")
        #expect(browser.path == "/console/sign-in")
        #expect(scene.console.sessions.count == 0)
    }

    @Test("A policy that changed is in force on the next request")
    func policyChanged() async throws {
        let (scene, administrator) = try await ConsoleScene.opened(policies: Self.reader)
        try await scene.put(administrator, "a/b")
        let browser = Browser(scene)
        try await browser.signIn(try await scene.accessKey(administrator, ["reader"]))
        #expect(try await browser.get("/console/keys/a/b") == 200)
        scene.policies.set(Self.reader.replacing("\"**\"", with: "\"other/**\""))
        try await scene.vault.reloadPolicies()
        #expect(try await browser.get("/console/keys/a/b") == 403)
        #expect(browser.page.contains("/console/decisions/"))
    }

    @Test("An expired access key is signed out")
    func expired() async throws {
        let (scene, administrator) = try await ConsoleScene.opened(policies: Self.reader)
        let minted = try await scene.vault.issue(
            scene.requester(administrator),
            AccessKeyRequest(
                name: "short", policies: ["reader"], expires: scene.clock.wall + 60_000))
        let browser = Browser(scene)
        try await browser.signIn(minted.text.disclosedText() ?? "")
        #expect(browser.path == "/console/keys")
        scene.clock.pass(60_000)
        try await browser.get("/console/keys")
        #expect(browser.path == "/console/sign-in")
    }

    @Test("Sealing ends every session, and unsealing brings none back")
    func sealed() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await scene.vault.seal(scene.requester(key))
        #expect(scene.console.sessions.count == 0)
        try await browser.get("/console/keys")
        #expect(browser.path == "/console/unseal")
        try await browser.post("/console/unseal", ["passphrase": ConsoleScene.passphrase])
        #expect(browser.path == "/console/sign-in")
    }

    @Test("After signing out the cookie is taken away, opens nothing, and the browser is told to forget")
    func signedOut() async throws {
        let (scene, browser, _) = try await ConsoleScene.signedIn()
        let stolen = browser.cookies
        let token = browser.token
        let out = try await browser.send(
            "POST", "/console/sign-out", origin: nil, site: "same-origin", body: "csrf=\(token)")
        #expect(out.status == 303 && out.header("Clear-Site-Data") == #""cache", "cookies", "storage""#)
        #expect(out.headers("Set-Cookie").contains { $0.hasPrefix("keyturn=;") && $0.contains("Max-Age=0") })
        browser.cookies = stolen
        try await browser.get("/console/keys")
        #expect(browser.path == "/console/sign-in")
        #expect(scene.console.sessions.count == 0)
    }

    @Test("A session is new with each sign-in, and the one before ends")
    func fixation() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        let before = browser.cookies
        let token = browser.token
        try await browser.send(
            "POST", "/console/sign-in", origin: nil, site: "same-origin",
            body: Browser.form(["csrf": token, "key": key]))
        #expect(browser.cookies != before)
        #expect(scene.console.sessions.count == 1)
        browser.cookies = before
        try await browser.get("/console/keys")
        #expect(browser.path == "/console/sign-in")
    }

    @Test("There are no more sessions than there is room for, of one key and of all")
    func bounded() {
        let sessions = Sessions(random: SystemRandom())
        for _ in 0..<40 { _ = sessions.begin(key: WipedBytes(utf8: "one"), host: "h", at: 0) }
        #expect(sessions.count == Sessions.mostOfOne)
        for number in 0..<400 { _ = sessions.begin(key: WipedBytes(utf8: "key \(number)"), host: "h", at: 0) }
        #expect(sessions.count == Sessions.most)
    }

    @Test("The access key is in no page, no address and no cookie")
    func keyIsNowhere() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await browser.get("/console/keys")
        try await browser.get("/console/add-key")
        for (request, page) in browser.history {
            #expect(!request.contains(key) && !page.contains(key))
        }
        #expect(!"\(browser.cookies)".contains(key))
        #expect(!scene.auditText.contains(key))
    }

    static let reader = """
        policy: reader
        rules:
          - allow: [list, inspect, retrieve]
            keys: ["**"]
        """
}
