import SecretMemory
import Testing
import Vault

@testable import Console

/// Labels that others know. Any program on this host can ask for one and lead somebody there, and is sent the cookies
/// of that name at a port of its own.
@Suite struct PlantedLabelTests {
    /// A host with a label that somebody else asked for.
    private static func planted(_ scene: ConsoleScene) async throws -> String {
        let stranger = Browser(scene)
        try await stranger.get("/console")
        return stranger.host
    }

    private static func name(_ host: String) -> String { String(host.split(separator: ":")[0]) }

    @Test("Whoever signs in under a label that others know has a session under a new one, and no cookie under that")
    func moves() async throws {
        let (scene, key) = try await ConsoleScene.opened()
        let planted = try await Self.planted(scene)
        let victim = Browser(scene)
        victim.host = planted
        try await victim.get("/console/sign-in?to=/console/rotation")
        #expect(victim.host == planted && victim.cookies[Self.name(planted)]?.count == 1)
        let answer = try await victim.send(
            "POST", "/console/sign-in", origin: "null", site: "same-origin",
            body: Browser.form(["csrf": victim.token, "key": key, "to": "/console/rotation"]))
        #expect(answer.status == 200 && answer.headers("Referrer-Policy") == ["no-referrer"])
        #expect(answer.headers("Set-Cookie").allSatisfy { $0.contains("=;") && $0.contains("Max-Age=0") })
        #expect(victim.cookies[Self.name(planted)]?.isEmpty == true)
        try await victim.goOn()
        #expect(victim.path == "/console/enter" && victim.host != planted)
        #expect(victim.host.hasSuffix(".localhost:8200") && scene.console.labels.isOurs(String(victim.host.prefix(32))))
        try await victim.goOn()
        #expect(victim.path == "/console/rotation" && victim.reply.status == 200)
        #expect(victim.cookies[Self.name(planted)]?.isEmpty == true)
        // Not even the cookie itself opens anything where somebody else could have been sent it.
        let thief = Browser(scene)
        thief.host = planted
        thief.cookies[Self.name(planted)] = victim.cookies[Self.name(victim.host)]
        try await thief.get("/console/keys")
        #expect(thief.path == "/console/sign-in" && thief.host == planted)
    }

    @Test("The code brings one browser in, once and soon, under the label that it was made for")
    func codes() throws {
        let sessions = Sessions(random: SystemRandom())
        let key = WipedBytes(utf8: "key")
        let code = sessions.beginElsewhere(key: key, host: "a", at: 0)
        for wrong in ["", ".", code + "0", String(code.dropLast()), String(code.prefix(17)) + "x"] {
            #expect(sessions.enter(wrong, host: "a", at: 1) == nil, "\(wrong)")
        }
        #expect(sessions.enter(code, host: "b", at: 1) == nil && sessions.find(code, host: "a", at: 1) == nil)
        let session = try #require(sessions.enter(code, host: "a", at: Session.arrival - 1))
        #expect(sessions.enter(code, host: "a", at: Session.arrival - 1) == nil)
        #expect(sessions.find(session.cookie, host: "b", at: Session.arrival) == nil)
        #expect(sessions.find(session.cookie, host: "a", at: Session.arrival * 2) != nil)
        let late = sessions.beginElsewhere(key: key, host: "a", at: 0)
        #expect(sessions.count == 2)
        #expect(sessions.enter(late, host: "a", at: Session.arrival) == nil && sessions.count == 1)
        let sealed = sessions.beginElsewhere(key: key, host: "a", at: 0)
        sessions.endAll()
        #expect(sessions.enter(sealed, host: "a", at: 1) == nil)
    }

    @Test("A code that was used leads to no session, whoever brings it")
    func usedCode() async throws {
        let (scene, key) = try await ConsoleScene.opened()
        let browser = Browser(scene)
        try await browser.get("/console/sign-in")
        try await browser.send(
            "POST", "/console/sign-in", origin: nil, site: "same-origin",
            body: Browser.form(["csrf": browser.token, "key": key]))
        let address = try #require(browser.reply.header("Refresh")?.firstMatch(of: #/0; url=http:\/\/([^\/]+)(.+)/#))
        let (host, target) = (String(address.1), String(address.2))
        #expect(target.hasPrefix("/console/enter?code=") && !target.contains(key))
        let planted = try await Self.planted(scene)
        for other in ["localhost:8200", planted] {
            let thief = Browser(scene)
            thief.host = other
            #expect(try await thief.get(target) == 403)
            #expect(thief.path == "/console/enter" && thief.cookies.values.allSatisfy { $0["keyturn"] == nil })
        }
        try await browser.goOn()
        let thief = Browser(scene)
        thief.host = host
        #expect(try await thief.get(target) == 403)
        #expect(thief.path == "/console/enter" && thief.host == host)
        #expect(thief.cookies.values.allSatisfy { $0["keyturn"] == nil })
        try await browser.goOn()
        #expect(browser.path == "/console/keys" && scene.console.sessions.count == 1)
    }

    @Test("An address that was used already, or too late, says so and what to type; who is signed in goes on")
    func overAddress() async throws {
        let (scene, key) = try await ConsoleScene.opened()
        func address(_ browser: Browser) async throws -> (host: String, target: String) {
            try await browser.get("/console/sign-in?to=/console/rotation")
            try await browser.send(
                "POST", "/console/sign-in", origin: nil, site: "same-origin",
                body: Browser.form(["csrf": browser.token, "key": key, "to": "/console/rotation"]))
            let found = try #require(
                browser.reply.header("Refresh")?.firstMatch(of: #/0; url=http:\/\/([^\/]+)(.+)/#))
            return (String(found.1), String(found.2))
        }
        let browser = Browser(scene)
        let used = try await address(browser)
        try await browser.goOn()
        try await browser.goOn()
        #expect(browser.path == "/console/rotation" && browser.host == used.host)
        #expect(try await browser.get(used.target) == 200)
        #expect(browser.path == "/console/rotation", "who has arrived is sent on")

        let late = try await address(Browser(scene))
        scene.clock.pass(Session.arrival)
        for site in ["none", "cross-site"] {
            for (host, target) in [used, late] {
                let other = Browser(scene)
                other.host = host
                #expect(try await other.get(target, site: site) == 403, "\(site)")
                #expect(other.page.contains("<h1>This address was used already, or is too old</h1>"))
                #expect(other.page.contains("within 30 seconds"))
                #expect(other.page.contains("<code>http://localhost:8200/console</code>"))
                #expect(!other.page.contains("<form") && !other.page.contains("<a "))
            }
        }
        try await scene.vault.seal(scene.requester(key))
        let other = Browser(scene)
        other.host = used.host
        #expect(try await other.get(used.target) == 200)
        #expect(other.path == "/console/unseal", "a sealed vault is what there is to tell")
    }

    @Test(
        "Whoever is led to a form by another site is shown none under a label, and told what to type",
        arguments: ["cross-site", "same-site"])
    func led(site: String) async throws {
        let scene = try ConsoleScene()
        let victim = Browser(scene)
        victim.host = try await Self.planted(scene)
        #expect(try await victim.get("/console", site: site) == 403)
        #expect(victim.path == "/console/initialize")
        #expect(victim.page.contains("<code>http://localhost:8200/console</code>"))
        #expect(!victim.page.contains("<form") && !victim.page.contains("<input") && !victim.page.contains("<a "))
        #expect(try await victim.get("/console/initialize") == 200)
        #expect(victim.page.contains("name=\"passphrase\""))

        let (opened, key) = try await ConsoleScene.opened()
        let other = Browser(opened)
        other.host = try await Self.planted(opened)
        for target in ["/console", "/console/sign-in", "/console/keys/a/b"] {
            #expect(try await other.get(target, site: site) == 403, "\(target)")
            #expect(other.path == "/console/sign-in" && !other.page.contains("<form"))
        }
        #expect(try await other.get("/console/sign-in") == 200)
        #expect(other.page.contains("name=\"key\""))
        try await opened.vault.seal(opened.requester(key))
        #expect(try await other.get("/console/keys", site: site) == 403)
        #expect(other.path == "/console/unseal" && !other.page.contains("<form"))
    }

    @Test("Under a name that a proxy or TLS stands for, nothing is moved and links of other sites lead to the form")
    func otherNames() async throws {
        let (scene, key) = try await ConsoleScene.opened()
        let browser = Browser(scene)
        browser.host = "vault.example"
        browser.isTLS = true
        #expect(try await browser.get("/console/keys", site: "cross-site") == 200)
        #expect(browser.path == "/console/sign-in" && browser.page.contains("name=\"key\""))
        #expect(browser.page.contains("Continue, if you are signed in"))
        #expect(try await browser.post("/console/sign-in", ["key": key]) == 200)
        #expect(browser.path == "/console/keys" && browser.host == "vault.example")
        try await browser.get("/console/enter?code=0.0")
        #expect(browser.path == "/console/keys")
    }
}
