import SecretMemory
import Testing

@testable import Console
@testable import Vault

/// The form that opens the vault, where something is wrong with it or somebody else was quicker.
@Suite struct UnsealPageTests {
    @Test(
        "A slot that cannot be read is an error at its field, and no other slot is tried",
        arguments: ["x", "8", "-1", "1.5"])
    func slots(slot: String) async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await scene.vault.seal(scene.requester(key))
        try await browser.get("/console")
        let form = ["passphrase": ConsoleScene.passphrase, "slot": slot]
        #expect(try await browser.post("/console/unseal", form) == 400)
        #expect(browser.page.contains("id=\"f-slot-error\"") && !browser.page.contains("id=\"f-passphrase-error\""))
        #expect(scene.vault.status().state == .sealed)
    }

    @Test("Whoever comes while the vault is being opened sees by which slot and how far that is, and then the form")
    func progress() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await scene.vault.seal(scene.requester(key))
        scene.vault.opening.begin(slot: 0)
        try await browser.get("/console/unseal")
        #expect(browser.page.contains("<progress max=\"100\" value=\"0\""))
        #expect(browser.reply.header("Refresh") == "1; url=/console/unseal")
        #expect(!browser.page.contains("name=\"passphrase\"") && browser.page.contains("what opens slot 0,"))
        scene.vault.opening.begin(slot: 2)
        try await browser.get("/console/unseal")
        #expect(browser.page.contains("<li class=\"done\">Key slot 2</li>"))
        scene.vault.opening.end()
        try await browser.get("/console/unseal")
        #expect(browser.page.contains("name=\"passphrase\"") && !browser.page.contains("<progress"))
        #expect(browser.reply.header("Refresh") == nil)
    }
}
