import SecretMemory
import Testing
import Vault

@testable import Console

/// What goes with every page, whoever asks and however it ends.
@Suite struct PageHeaderTests {
    private static let policy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

    private func check(_ reply: ConsoleReply, _ what: String) {
        #expect(reply.headers("Content-Security-Policy") == [Self.policy], "\(what)")
        #expect(reply.headers("Referrer-Policy") == ["no-referrer"], "\(what)")
        #expect(reply.headers("X-Frame-Options") == ["DENY"], "\(what)")
        #expect(reply.headers("Cross-Origin-Opener-Policy") == ["same-origin"], "\(what)")
        #expect(reply.isPublic == what.contains("/console/assets/"), "\(what)")
        #expect(reply.headers.allSatisfy { !$0.value.contains("\r") && !$0.value.contains("\n") }, "\(what)")
    }

    @Test("Every page has the strict policy and is stored by nobody, signed in or not, and when it fails")
    func everyPage() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await scene.put(key, "a/b")
        for page in ConsolePage.all {
            let target = ForgedRequestTests.sample(page.template)
            let stranger = Browser(scene)
            for visitor in [browser, stranger] where !target.hasSuffix("/seal") && !target.hasSuffix("/sign-out") {
                let body = page.method == .post ? "csrf=" + visitor.token : ""
                let reply = try await visitor.send(
                    page.method.rawValue, target, origin: nil, site: "same-origin", body: body)
                check(reply, page.name)
                #expect(reply.status < 500, "\(page.name)")
                if reply.status != 303, reply.type.hasPrefix("text/html") {
                    #expect(
                        visitor.page.contains("<title>") && visitor.page.contains("<main id=\"main\""), "\(page.name)")
                    #expect(visitor.page.contains("<h1>") && visitor.page.contains("lang=\"en\""), "\(page.name)")
                }
            }
        }
        check(scene.console.problem("not_found"), "problem")
        check(scene.console.problem("no such code"), "problem")
    }

    @Test("Files have an entity tag, and are not sent again to who has them")
    func assets() async throws {
        let scene = try ConsoleScene()
        for asset in Asset.all {
            let browser = Browser(scene)
            let reply = try await browser.send(
                "GET", "/console/assets/" + asset.name, origin: nil, site: "same-origin", body: "")
            #expect(reply.status == 200 && reply.body == asset.bytes && reply.header("ETag") == "\"\(asset.etag)\"")
            #expect(reply.headers("Set-Cookie").isEmpty)
            let again = await scene.console.answer(
                ConsoleRequest(
                    route: "GET /console/assets/" + asset.name, path: "/console/assets/" + asset.name,
                    requester: scene.requester(nil), host: "localhost:8200", etags: [asset.etag]))
            #expect(again.status == 304 && again.body.isEmpty)
        }
    }

    @Test("No file asks for anything elsewhere, and the script makes no markup of text")
    func ownFiles() {
        for asset in Asset.all {
            let text = String(decoding: asset.bytes, as: UTF8.self).replacing("http://www.w3.org/2000/svg", with: "")
            for word in [
                "http://", "https://", "//cdn", "@import", "url(", "innerHTML", "eval(", "document.write",
                "insertAdjacentHTML", "outerHTML",
            ] {
                #expect(!text.contains(word), "\(word) in \(asset.name)")
            }
        }
    }
}
