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
