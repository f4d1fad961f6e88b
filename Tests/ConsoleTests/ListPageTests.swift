import Policy
import Rotation
import SecretMemory
import Testing
import Vault

@testable import Console

/// What lists say of themselves, and of times.
@Suite struct ListPageTests {
    @Test("Each page of the keys says which part of them it has")
    func parts() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        let writes = try (0..<120).map { number in
            KeyWrite(
                path: try ResourcePath(parsing: "many/n\(number)"),
                fields: [SecretField(name: "value", value: WipedBytes(utf8: "v"))])
        }
        _ = try await scene.vault.importKeys(scene.requester(key), writes, replace: false)
        for (query, told) in [
            ("", ["The first 50 keys on this page", "51 to 100 of the keys", "101 to 120 of the keys"]),
            ("?q=many&sort=created", ["The first 50 found", "51 to 100 of those found", "101 to 120 of those found"]),
        ] {
            var next: String? = "/console/keys" + query
            for words in told {
                try await browser.get(try #require(next))
                #expect(browser.page.contains("role=\"status\">\(words)</p>"), "\(words)")
                next = browser.page.firstMatch(of: #/href="([^"]+)" rel="next"/#)
                    .map { String($0.1).replacing("&amp;", with: "&") }
            }
            #expect(next == nil)
        }
        try await browser.get("/console/keys?q=n119")
        #expect(browser.page.contains("role=\"status\">1 found</p>"))
        try await browser.get("/console/keys?cursor=many/n5&from=x")
        #expect(!browser.page.contains("The first "), "somebody wrote this address")
    }

    @Test("What an address asks for that a list does not know is told, and what there is instead")
    func unknownFilters() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await scene.put(key, "a/b")
        for (target, told) in [
            ("keys?owner=x", ["No such filter: owner. These exist: q, provider, tag, state, due, sort."]),
            ("keys?state=gone", ["No such state: gone. These exist: active, expired, trashed, all."]),
            (
                "keys?due=5d&sort=size&owner=x&owner=y&who=z",
                ["No such due: 5d. ", "No such sort: size. ", "No such filter: owner, who. "]
            ),
            ("keys?a=&b=&c=&d=&e=&f=&g=", ["No such filter: a, b, c, d, e and 2 more. "]),
            ("keys?%3Cb%3E=x", ["No such filter: &lt;b&gt;. "]),
            ("access?provider=x", ["No such filter: provider. These exist: q, state, owner, unused."]),
            ("access?unused=1d", ["No such unused: 1d. These exist: 30d."]),
            ("issuers?q=x", ["No such filter: q. This list has none."]),
            (
                "rotation?state=paused,asleep&is=awake&day=today",
                ["No such state: asleep, awake. These exist: ", "No such day: today. Days are written like "]
            ),
            ("audit?who=ann", ["No such filter: who. These exist: caller, key, action, outcome, "]),
            ("usage?span=1y&idle=1d", ["No such span: 1y. These exist: 24h, ", "No such idle: 1d. "]),
        ] {
            #expect(try await browser.get("/console/" + target) == 200, "\(target)")
            for words in told { #expect(browser.page.contains("<p>\(words)"), "\(words)") }
        }
        for target in [
            "keys", "keys?", "keys?cursor=a&from=2", "keys?q=a&provider=b&tag=c&state=all&due=7d&sort=path",
            "access?q=a&state=rolled&owner=b&unused=30d&cursor=a", "issuers?cursor=a",
            "rotation?state=paused,held&is=due&prefix=a&day=2027-01-15",
            "audit?caller=a&key=b&action=c&outcome=failed&code=d&address=unix&issuer=e&since=7d&until=1h&before=9",
            "usage?span=7d&idle=365d",
        ] {
            #expect(try await browser.get("/console/" + target) == 200, "\(target)")
            #expect(!browser.page.contains("No such"), "\(target)")
        }
    }

    @Test("What is told as so long ago, or as still to come, says when exactly")
    func exactTimes() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        let requester = scene.requester(key)
        try await scene.put(
            key, "a/b", "v",
            MetadataChange(rotation: .set(RotationSettingsInput(rotator: "generate", timing: .every(30 * 86_400_000)))))
        _ = try scene.vault.retrieve(requester, ValueQuery(path: ResourcePath(parsing: "a/b")))
        _ = try await scene.vault.createIssuer(requester, IssuerRequest(name: "shop", scopes: ["a"]))
        let minted = try await scene.vault.issue(requester, from: "shop", IssueRequest(name: "Acme", scopes: ["a"]))
        _ = try await scene.vault.verify(requester, VerifyQuery(key: minted.text))
        try await browser.get("/console/keys")
        #expect(browser.page.contains(#/title="[0-9-]+ [0-9:]+ UTC">rotates in (29|30) days</#))
        let ago = #/<span title="[0-9-]+ [0-9:]+ UTC">40 days ago<\/span>/#
        scene.clock.pass(40 * 86_400_000)
        try await browser.signIn(key)
        try await browser.get("/console/issuers/shop")
        #expect(browser.page.contains(ago))
        try await browser.get("/console/usage?idle=30d")
        #expect(browser.page.contains(ago))
        try await browser.get("/console/issuers:find")
        try await browser.post("/console/issuers:find", ["key": minted.text.disclosedText() ?? ""])
        #expect(browser.page.contains(ago))
    }
}
