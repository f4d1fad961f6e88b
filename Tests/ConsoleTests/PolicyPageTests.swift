import Foundation
import Testing
import Vault

@testable import Console

/// Reading policies, asking them, and having a refusal explained.
@Suite struct PolicyPageTests {
    private static let text = """
        policy: service
        description: What a <service> needs.
        rules:
          - allow: [retrieve]
            keys: ["payments/**"]
          - deny: [retrieve]
            keys: ["payments/root"]
            reason: root keys are for people
        tests:
          - {allow: retrieve, key: payments/stripe}
          - {deny: [retrieve, write], key: payments/root}
        """

    @Test("A file is shown with its lines and each of its tests")
    func files() async throws {
        let (_, browser, _) = try await ConsoleScene.signedIn(policies: Self.text)
        #expect(try await browser.get("/console/policies") == 200)
        #expect(browser.page.contains("3 tests pass") && browser.page.contains("What a &lt;service&gt; needs."))
        try await browser.get("/console/policies/service")
        #expect(browser.page.contains("<li id=\"line-6\"><code>  - deny: [retrieve]</code></li>"))
        #expect(browser.page.components(separatedBy: ">passes<").count == 4)
        #expect(browser.page.contains("<a href=\"#line-6\">line 6</a>"))
        #expect(try await browser.get("/console/policies/nothing") == 404)
    }

    @Test("Files that are wrong are told of when they are read again, and the old ones stay in force")
    func reload() async throws {
        let (scene, browser, _) = try await ConsoleScene.signedIn(policies: Self.text)
        scene.policies.set("policy: service\nrules:\n  - allow: [fly]\n    keys: [a]\n")
        try await browser.get("/console/policies")
        #expect(try await browser.post("/console/policies:reload") == 409)
        #expect(browser.page.contains("The old policies stay in force") && browser.page.contains("test.yaml"))
        try await browser.get("/console/policies")
        #expect(browser.page.contains("3 tests pass"))
        scene.policies.set("policy: other\nrules:\n  - allow: [list]\n    keys: [\"a/**\"]\n")
        try await browser.post("/console/policies:reload")
        #expect(browser.page.contains("2 policies are in force"))
    }

    @Test("A question is answered with the rule, its file and its line")
    func question() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn(policies: Self.text)
        _ = try await scene.accessKey(key, ["service"], name: "shop")
        func ask(_ fields: [(String, String)]) async throws -> Int {
            try await browser.get(
                "/console/policies:ask" + FormEncoding.query(fields.map { (name: $0.0, value: $0.1) }))
        }
        let root = [("action", "retrieve"), ("of", "key"), ("target", "payments/root")]
        for who in [[("kind", "access-key"), ("caller", "shop")], [("kind", "policies"), ("caller", "service")]] {
            #expect(try await ask(who + root) == 200)
            #expect(browser.page.contains("refused") && browser.page.contains("test.yaml:6"))
            #expect(browser.page.contains("href=\"/console/policies/service#line-6\""))
            #expect(browser.page.contains("root keys are for people"))
        }
        #expect(
            try await ask([
                ("kind", "access-key"), ("caller", "shop"), ("action", "retrieve"), ("of", "key"),
                ("target", "payments/stripe"),
            ]) == 200)
        #expect(browser.page.contains(">allowed<") && browser.page.contains("test.yaml:4"))
        for (fields, error) in [
            ([("caller", "nobody")] + root, "f-caller-error"),
            ([("caller", "shop"), ("action", "retrieve"), ("of", "key"), ("target", "../x")], "f-target-error"),
            ([("caller", "shop"), ("action", "issue"), ("of", "key"), ("target", "a")], "f-action-error"),
            ([("caller", "shop"), ("action", "issue"), ("of", "issuer")], "f-target-error"),
            ([("caller", "shop"), ("action", "issue"), ("of", "policy")], "f-target-error"),
            (
                [("kind", "policies"), ("caller", "none"), ("action", "list"), ("of", "key"), ("target", "a")],
                "f-caller-error"
            ),
        ] {
            #expect(try await ask(fields) == 400, "\(error)")
            #expect(browser.page.contains("id=\"\(error)\""), "\(error)")
        }
    }

    @Test("A refusal leads to its explanation, for whoever operates the vault")
    func decision() async throws {
        let (scene, administrator) = try await ConsoleScene.opened(policies: Self.text)
        try await scene.put(administrator, "payments/root")
        let browser = Browser(scene)
        try await browser.signIn(try await scene.accessKey(administrator, ["service"], name: "shop"))
        #expect(try await browser.post("/console/keys/payments/root:reveal") == 403)
        let id = try #require(browser.page.firstMatch(of: #/\/console\/decisions\/([0-9a-f]{16})/#)).1
        #expect(try await browser.get("/console/decisions/\(id)") == 403)
        let operator_ = Browser(scene)
        try await operator_.signIn(administrator)
        #expect(try await operator_.get("/console/policies:explain?id=\(id)") == 200)
        #expect(operator_.page.contains("test.yaml:6") && operator_.page.contains("shop"))
        #expect(try await operator_.get("/console/decisions/0123456789abcdef") == 404)
        #expect(try await operator_.get("/console/policies:explain?id=../keys") == 400)
    }

    @Test("Who does not operate the vault reads no policies and asks no questions")
    func refused() async throws {
        let (scene, administrator) = try await ConsoleScene.opened(policies: Self.text)
        let browser = Browser(scene)
        try await browser.signIn(try await scene.accessKey(administrator, ["service"]))
        for page in ["/console/policies", "/console/policies/service"] {
            #expect(try await browser.get(page) == 403, "\(page)")
            #expect(!browser.page.contains("root keys are for people"))
        }
        #expect(
            try await browser.get(
                "/console/policies:ask?kind=policies&caller=service&action=retrieve&of=key&target=payments/root")
                == 403)
    }
}
