import Foundation
import Policy
import SecretMemory
import Testing
import Vault

@testable import Console

/// Finding keys.
@Suite struct KeyListTests {
    /// The paths on the page that is shown, in order.
    private static func paths(_ page: String) -> [String] {
        page.matches(of: #/<td role="cell" class="title"><a href="\/console\/keys\/([^"]+)">/#).map { String($0.1) }
    }

    private static func link(_ page: String, _ rel: String) -> String? {
        page.matches(of: #/href="([^"]+)" rel="([a-z]+)"/#).first { $0.2 == rel }
            .map { String($0.1).replacing("&amp;", with: "&") }
    }

    @Test("An empty vault teaches what a key is; a search without a match says what was searched")
    func empty() async throws {
        let (_, browser, _) = try await ConsoleScene.signedIn()
        try await browser.get("/console/keys")
        #expect(browser.page.contains("No keys yet") && browser.page.contains("keyturn import"))
        try await browser.get("/console/keys?q=nothing")
        #expect(browser.page.contains("No key matches") && browser.page.contains("Clear the search"))
    }

    @Test("Keys are found by words, provider, tag and state, and Clear shows all again")
    func filters() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await scene.put(
            key, "payments/stripe", "v", MetadataChange(name: "Cards", provider: "stripe", tags: ["live"]))
        try await scene.put(key, "payments/paypal", "v", MetadataChange(provider: "paypal", tags: ["live", "eu"]))
        try await scene.put(key, "mail/sendgrid", "v", MetadataChange(description: "Newsletters", provider: "sendgrid"))
        try await scene.put(key, "old/one", "v")
        _ = try await scene.vault.trash(scene.requester(key), ResourcePath(parsing: "old/one"), if: .none)
        let expected: [(String, [String])] = [
            ("", ["mail/sendgrid", "payments/paypal", "payments/stripe"]), ("?q=cards", ["payments/stripe"]),
            ("?q=NEWS", ["mail/sendgrid"]), ("?q=payments+eu", ["payments/paypal"]),
            ("?provider=stripe", ["payments/stripe"]),
            ("?tag=live", ["payments/paypal", "payments/stripe"]), ("?state=trashed", ["old/one"]),
            ("?state=all&q=one", ["old/one"]),
            ("?state=expired", []), ("?unknown=x", ["mail/sendgrid", "payments/paypal", "payments/stripe"]),
        ]
        for (query, paths) in expected {
            try await browser.get("/console/keys" + query)
            #expect(Self.paths(browser.page) == paths, "\(query)")
            #expect(browser.page.contains("<a class=\"button\" href=\"/console/keys\">Clear</a>"))
        }
    }

    @Test("The order is by path, by what is due or expires first, by age, or by what was unused longest")
    func orders() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        let now = scene.clock.wall
        for (path, expires, every) in [("a", 3, 90), ("b", 1, 0), ("c", 0, 30), ("d", 2, 60)]
            as [(String, Int64, Int64)]
        {
            let rotation: RotationChange? =
                every == 0 ? nil : .set(RotationSettingsInput(rotator: "generate", timing: .every(every * 86_400_000)))
            try await scene.put(
                key, path, "v",
                MetadataChange(expires: expires == 0 ? nil : .some(now + expires * 86_400_000), rotation: rotation))
            scene.clock.pass(1_000)
        }
        _ = try scene.vault.retrieve(scene.requester(key), ValueQuery(path: ResourcePath(parsing: "a")))
        for (sort, paths) in [
            ("path", ["a", "b", "c", "d"]), ("due", ["c", "d", "a", "b"]), ("expires", ["b", "d", "a"]),
            ("created", ["d", "c", "b", "a"]), ("updated", ["d", "c", "b", "a"]), ("used", ["b", "c", "d", "a"]),
        ] {
            try await browser.get("/console/keys?sort=" + sort)
            #expect(Self.paths(browser.page) == paths, "\(sort)")
        }
        try await browser.get("/console/keys?due=30d")
        #expect(Self.paths(browser.page) == ["c"])
        try await browser.get("/console/keys?due=90d&sort=due")
        #expect(Self.paths(browser.page) == ["c", "d", "a"])
        for query in ["?cursor=nonsense&sort=due", "?cursor=9/..&sort=created"] {
            #expect(try await browser.get("/console/keys" + query) == 400)
        }
    }

    @Test(
        "Pages follow one another without a gap or a repetition, in every order",
        arguments: ["path", "due", "created", "used"])
    func pages(sort: String) async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        let writes = try (0..<120).map { number in
            KeyWrite(
                path: try ResourcePath(parsing: "many/k\(number % 7)/n\(number)"),
                fields: [SecretField(name: "value", value: WipedBytes(utf8: "v"))])
        }
        _ = try await scene.vault.importKeys(scene.requester(key), writes, replace: false)
        var seen: [String] = []
        var next: String? = "/console/keys?sort=\(sort)&q=many"
        while let target = next, seen.count < 200 {
            try await browser.get(target)
            seen += Self.paths(browser.page)
            next = Self.link(browser.page, "next")
        }
        #expect(seen.count == 120 && Set(seen).count == 120)
    }

    @Test("A page of the longest names and descriptions there are stays under 100 kB")
    func size() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        let writes = try (0..<200).map { number in
            KeyWrite(
                path: try ResourcePath(parsing: "service-\(number)/production/europe/payments-provider"),
                fields: [SecretField(name: "value", value: WipedBytes(utf8: "sk_live_4eC39HqLyjWDarjtT1zdp7dc"))],
                metadata: MetadataChange(
                    name: String(repeating: "A long name ", count: 16),
                    description: String(repeating: "What it is for, at length. ", count: 70), provider: "a provider",
                    tags: (0..<32).map { "tag number \($0)" }, expires: .some(scene.clock.wall + 86_400_000_000)))
        }
        _ = try await scene.vault.importKeys(scene.requester(key), writes, replace: false)
        try await browser.get("/console/keys")
        #expect(Self.paths(browser.page).count == 50)
        #expect(browser.page.utf8.count < 100_000, "\(browser.page.utf8.count)")
    }

    @Test("Nobody finds what they may not list")
    func policy() async throws {
        let (scene, administrator) = try await ConsoleScene.opened(
            policies: """
                policy: mail
                rules:
                  - allow: [list, inspect]
                    keys: ["mail/**"]
                """)
        try await scene.put(administrator, "mail/a")
        try await scene.put(administrator, "payments/b")
        let browser = Browser(scene)
        try await browser.signIn(try await scene.accessKey(administrator, ["mail"]))
        for query in ["", "?sort=created", "?q=b", "?state=all", "?sort=due"] {
            try await browser.get("/console/keys" + query)
            #expect(!browser.page.contains("payments/b"), "\(query)")
        }
        #expect(try await browser.get("/console/keys/payments/b") == 403)
        #expect(try await browser.get("/console/keys/payments/none") == 403)
    }
}
