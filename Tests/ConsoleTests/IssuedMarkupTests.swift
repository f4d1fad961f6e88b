import Foundation
import Testing
import Vault

@testable import Console

/// Text that others wrote into issuers, keys and filters is text on every page that shows it.
@Suite struct IssuedMarkupTests {
    private static let hostile = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "{{csrf}}{{{csrf}}}",
        "<!--secret 0-->", "</textarea><svg/onload=alert(1)>",
    ]

    @Test("Markup in every field of issuers and issued keys, and in every filter, is inert")
    func inert() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        let requester = scene.requester(key)
        var pages: [(String, String)] = []
        func see(_ target: String) async throws {
            try await browser.get(target)
            pages.append((target, browser.page))
        }
        for (number, text) in Self.hostile.enumerated() {
            let issuer = "shop\(number)"
            _ = try await scene.vault.createIssuer(
                requester,
                IssuerRequest(
                    name: issuer, description: text, scopes: ["a"], tiers: [IssuerTier(name: "t", description: text)]))
            let minted = try await scene.vault.issue(
                requester, from: issuer,
                IssueRequest(name: text, description: text, owner: text, scopes: ["a"], metadata: ["note": text]))
            let access = try await scene.vault.issue(
                requester, AccessKeyRequest(name: text, description: text, owner: text, policies: ["administrator"]))
            let base = "/console/issuers/\(issuer)"
            for page in [
                base, base + ":edit", base + ":delete", base + ":issue", base + "/keys/\(minted.record.id)",
                base + "/keys/\(minted.record.id):roll", base + "/keys/\(minted.record.id):revoke",
                "/console/access/\(access.record.id)",
            ] { try await see(page) }
            for page in [
                base, "/console/access", "/console/audit", "/console/rotation", "/console/usage",
                "/console/policies:ask",
            ] {
                for field in [
                    "q", "owner", "state", "cursor", "caller", "key", "since", "code", "prefix", "day", "span",
                    "target",
                ] {
                    try await see(page + FormEncoding.query([(name: field, value: text)]))
                }
            }
            try await browser.get("/console/issuers:add")
            try await browser.post(
                "/console/issuers:add", ["name": text, "prefix": text, "scopes": text, "tiers": text, "lifetime": text])
            pages.append(("add \(number)", browser.page))
            try await browser.get(base + ":issue")
            try await browser.post(
                base + ":issue",
                [
                    "name": "", "owner": text, "description": text, "scope": text, "networks": text, "metadata": text,
                    "quota": text,
                ])
            pages.append(("issue \(number)", browser.page))
            try await browser.get("/console/issuers:find")
            try await browser.post("/console/issuers:find", ["key": text])
            pages.append(("find \(number)", browser.page))
        }
        for page in ["/console/issuers", "/console/access", "/console/audit", "/console/usage"] { try await see(page) }
        for (target, page) in pages {
            #expect(page.contains("</html>"), "\(target)")
            for danger in [
                "<script>", "<img src=x", "onerror=alert(1)>", "<svg/", "</textarea><", "<!--", "' onmouseover='",
            ] {
                #expect(!page.contains(danger), "\(danger) in \(target)")
            }
        }
    }
}
