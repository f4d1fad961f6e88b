import Audit
import Foundation
import Policy
import SecretMemory
import Testing
import Vault

@testable import Console

/// Searching, following and verifying the log, and what was counted.
@Suite struct AuditPageTests {
    @Test("Entries are found by who, what and how they ended, and filters that are wrong say so")
    func search() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await scene.put(key, "a/b")
        _ = try? scene.vault.inspect(scene.requester(key), .init(parsing: "a/none"))
        #expect(try await browser.get("/console/audit") == 200)
        #expect(browser.page.contains(">a/b<"))
        try await browser.get("/console/audit?key=a/none")
        #expect(browser.page.contains("not found") && !browser.page.contains(">a/b<"))
        try await browser.get("/console/audit?key=a/**&action=inspect")
        #expect(browser.page.contains(">a/none<"))
        try await browser.get("/console/audit?caller=nobody-at-all")
        #expect(browser.page.contains("No entry fits all of the filters"))
        for (query, error) in [
            ("key=../x", "f-key-error"), ("since=yesterday", "f-since-error"), ("action=a%20b%21", "f-action-error"),
        ] {
            #expect(try await browser.get("/console/audit?" + query) == 400, "\(query)")
            #expect(browser.page.contains("id=\"\(error)\""), "\(query)")
        }
    }

    @Test("Pages go on where the one before ended")
    func pages() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        for number in 0..<120 { _ = try? scene.vault.inspect(scene.requester(key), .init(parsing: "a/k\(number)")) }
        try await browser.get("/console/audit?action=inspect")
        #expect(browser.page.contains(">a/k119<") && !browser.page.contains(">a/k3<"))
        let next = try #require(browser.page.firstMatch(of: #/href="([^"]+)" rel="next"/#)).1
        try await browser.get(String(next).replacing("&amp;", with: "&"))
        #expect(browser.page.contains(">a/k3<") && !browser.page.contains(">a/k119<"))
        #expect(!browser.page.contains("id=\"follow\""), "older pages are not followed")
    }

    @Test("What follows the log gives what is new, and says where to go on")
    func following() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await browser.get("/console/audit")
        let after = try #require(browser.page.firstMatch(of: #/data-after="([0-9]+)"/#)).1
        try await scene.put(key, "fresh/one")
        try await browser.get("/console/audit:follow?after=\(after)")
        #expect(browser.page.contains(">fresh/one<"))
        let next = try #require(browser.page.firstMatch(of: #/data-after="([0-9]+)"/#)).1
        #expect(UInt64(next) ?? 0 > UInt64(after) ?? 0)
        #expect(try await browser.get("/console/audit:follow?after=x") == 400)
    }

    @Test("A verification runs beside the pages and ends with what it found")
    func verification() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await scene.put(key, "a/b")
        try await browser.get("/console/audit:verify")
        #expect(try await browser.post("/console/audit:verify", ["sequence": "x", "hash": "y"]) == 400)
        #expect(browser.page.contains("id=\"f-sequence-error\"") && browser.page.contains("id=\"f-hash-error\""))
        try await browser.post("/console/audit:verify")
        while browser.page.contains("It runs") {
            #expect(browser.reply.header("Refresh") == "5; url=/console/audit:verify")
            await Task.yield()
            try await browser.get("/console/audit:verify")
        }
        #expect(browser.page.contains("The log is whole"))
        try await browser.post("/console/audit:verify", ["sequence": "1", "hash": String(repeating: "0", count: 64)])
        while browser.page.contains("It runs") {
            await Task.yield()
            try await browser.get("/console/audit:verify")
        }
        #expect(browser.page.contains("The log is not whole"))
    }

    @Test("While a verification runs the keyboard stands on what stops it")
    func stopping() throws {
        let running: View = ["words": "1 of about 2 entries.", "value": 1, "most": 2]
        let page = try Template(PackageResources.audit_verify_mustache)
            .filled(with: ["title": "Verify the audit log", "running": running])
        #expect(String(decoding: page, as: UTF8.self).contains("<button type=\"submit\" autofocus>Stop</button>"))
    }

    @Test("A break that an operator accepted is told, with who did, and the rest is whole")
    func accepted() async throws {
        let (scene, key) = try await ConsoleScene.opened()
        try await scene.put(key, "a/b")
        try await scene.vault.seal(scene.requester(key))
        try scene.editAuditLog { lines in lines[3] = lines[3].replacingOccurrences(of: "kind", with: "Kind") }
        _ = try await scene.vault.unseal(
            scene.requester(nil), passphrase: try SecretBytes(utf8: ConsoleScene.passphrase), slot: nil,
            acceptDamage: false, acceptLog: true)
        let browser = Browser(scene)
        try await browser.signIn(key)
        try await browser.post("/console/audit:verify")
        while browser.page.contains("It runs") {
            await Task.yield()
            try await browser.get("/console/audit:verify")
        }
        #expect(browser.page.contains("The log is whole but for accepted breaks"))
        #expect(browser.page.contains("<strong>altered</strong> at entry 3. Entry 3 was altered."))
        #expect(browser.page.contains("with key slot 0 by stranger"))
    }

    @Test("Usage has charts of what was read, refused and unused")
    func usage() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await scene.put(key, "a/read")
        try await scene.put(key, "a/unread")
        for _ in 0..<4 {
            _ = try scene.vault.retrieve(scene.requester(key), ValueQuery(path: .init(parsing: "a/read")))
        }
        _ = try? scene.vault.inspect(scene.requester(key), .init(parsing: "a/none"))
        for span in ["24h", "7d", "30d", "90d", "nonsense"] {
            #expect(try await browser.get("/console/usage?span=\(span)") == 200, "\(span)")
            #expect(browser.page.contains("4 reads"), "\(span)")
        }
        #expect(browser.page.contains(">a/read</a></th><td class=\"number\">4</td>"))
        scene.clock.pass(60 * 86_400_000)
        try await browser.signIn(key)
        try await browser.get("/console/usage?idle=30d")
        let list = browser.page.components(separatedBy: "id=\"unused-keys\"").last ?? ""
        #expect(list.contains("a/unread") && list.contains("a/read"))
    }

    @Test("Who may not read the log is shown nothing of it")
    func refused() async throws {
        let policies = "policy: small\nrules:\n  - allow: [list]\n    keys: [\"**\"]\n"
        let (scene, administrator) = try await ConsoleScene.opened(policies: policies)
        let browser = Browser(scene)
        try await browser.signIn(try await scene.accessKey(administrator, ["small"]))
        for page in ["/console/audit", "/console/audit:verify", "/console/audit:follow?after=0", "/console/usage"] {
            #expect(try await browser.get(page) == 403, "\(page)")
        }
        try await browser.get("/console/keys")
        #expect(try await browser.post("/console/audit:verify") == 403)
    }
}
