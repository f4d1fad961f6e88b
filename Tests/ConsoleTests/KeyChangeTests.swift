import Foundation
import Policy
import SecretMemory
import Testing
import Vault

@testable import Console

/// What a change of a key, or a look at it, must not lose.
@Suite struct KeyChangeTests {
    /// Posts a new version of a key, with the names that its form shows and these values by name.
    private func store(
        _ browser: Browser, _ values: [String: String], without cleared: String? = nil
    ) async throws -> Int {
        try await browser.get("/console/keys/a/b:store")
        var form = ["etag": browser.value(of: "etag") ?? ""]
        for number in 1...5 {
            let name = browser.value(of: "field\(number)") ?? ""
            form["field\(number)"] = name == cleared ? "" : name
            form["value\(number)"] = values[name] ?? ""
        }
        return try await browser.post("/console/keys/a/b:store", form)
    }

    /// The names of the fields that a page says something wrong of.
    private func wrong(_ page: String) -> Set<String> {
        Set(page.matches(of: #/id="f-([a-z0-9]+)-error"/#).map { String($0.1) })
    }

    @Test("A new version takes no value for granted: a name without one is an error, and one that was cleared goes")
    func fields() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        let path = try ResourcePath(parsing: "a/b")
        let names = ["account", "id", "region", "secret", "zone"]
        _ = try await scene.vault.put(
            scene.requester(key),
            KeyWrite(
                path: path, fields: names.map { SecretField(name: $0, value: WipedBytes(utf8: "old")) }))
        #expect(try await store(browser, ["secret": "n3w-secret"]) == 400)
        let shown = Set((1...5).compactMap { browser.value(of: "field\($0)") })
        #expect(shown == Set(names), "the names stay on the form")
        #expect(wrong(browser.page).count == 4 && !wrong(browser.page).contains("value"))
        #expect(wrong(browser.page).allSatisfy { $0.hasPrefix("value") })
        #expect(browser.page.contains("<details open>") && !browser.page.contains("n3w-secret"))
        #expect(try scene.vault.inspect(scene.requester(key), path).current == 1)
        let values = ["account": "1", "id": "2", "region": "3", "secret": "4", "zone": "5"]
        #expect(try await store(browser, values) == 200)
        #expect(try scene.vault.inspect(scene.requester(key), path).versions.last.map { Set($0.fields) } == Set(names))
        #expect(try await store(browser, values.filter { $0.key != "zone" }, without: "zone") == 200)
        let after = try scene.vault.inspect(scene.requester(key), path)
        #expect(after.current == 3 && after.versions.last.map { Set($0.fields) } == Set(names.dropLast()))
    }

    @Test("A new version of a key that has a value beside other fields is not made without one")
    func value() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        let path = try ResourcePath(parsing: "a/b")
        let fields = ["value", "account", "id", "zone"].map { SecretField(name: $0, value: WipedBytes(utf8: "old")) }
        _ = try await scene.vault.put(scene.requester(key), KeyWrite(path: path, fields: fields))
        try await browser.get("/console/keys/a/b:store")
        #expect((1...4).map { browser.value(of: "field\($0)") ?? "none" }.sorted() == ["", "account", "id", "zone"])
        #expect(try await store(browser, ["account": "1", "id": "2", "zone": "3"]) == 400)
        #expect(wrong(browser.page) == ["value"])
        #expect(try scene.vault.inspect(scene.requester(key), path).current == 1)
    }

    @Test("A new key has all of the fields that its form names, and a value without a name is an error at that name")
    func newKey() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await browser.get("/console/add-key")
        #expect(try await browser.post("/console/add-key", ["path": "a/b", "value": "x", "field2": "id"]) == 400)
        #expect(wrong(browser.page) == ["value2"] && browser.value(of: "field2") == "id")
        #expect(try await browser.post("/console/add-key", ["path": "a/b", "value": "x", "value3": "secret-y"]) == 400)
        #expect(wrong(browser.page) == ["field3"] && !browser.page.contains("secret-y"))
        #expect(throws: VaultError.self) {
            try scene.vault.inspect(scene.requester(key), ResourcePath(parsing: "a/b"))
        }
    }

    @Test("A key that has expired is edited like any other, and keeps its end unless another is written")
    func expired() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        let path = try ResourcePath(parsing: "a/b")
        let end = scene.clock.wall + 3_600_123
        try await scene.put(key, "a/b", "v", MetadataChange(name: "old", expires: .some(end)))
        scene.clock.pass(2 * 3_600_000)
        try await browser.signIn(key)
        func edit(_ name: String, expires: String?) async throws -> Int {
            try await browser.get("/console/keys/a/b:edit")
            return try await browser.post(
                "/console/keys/a/b:edit",
                [
                    "etag": browser.value(of: "etag") ?? "", "name": name,
                    "expires": expires ?? browser.value(of: "expires") ?? "",
                ])
        }
        #expect(try await edit("new", expires: nil) == 200)
        var after = try scene.vault.inspect(scene.requester(key), path)
        #expect(after.name == "new" && after.expires == end && after.state == .expired)
        #expect(try await edit("newer", expires: "2026-01-01") == 400)
        #expect(wrong(browser.page) == ["expires"])
        #expect(try await edit("newer", expires: "30d") == 200)
        after = try scene.vault.inspect(scene.requester(key), path)
        #expect(after.state == .active && after.expires == scene.clock.wall + 30 * 86_400_000)
        #expect(try await edit("newest", expires: "") == 200)
        #expect(try scene.vault.inspect(scene.requester(key), path).expires == nil)
    }

    @Test("Looks at a key's page do not drive what happened to the key from it")
    func audit() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        let path = try ResourcePath(parsing: "a/b")
        try await scene.put(key, "a/b")
        _ = try scene.vault.retrieve(scene.requester(key), ValueQuery(path: path))
        for _ in 0..<150 { _ = try scene.vault.inspect(scene.requester(key), path) }
        try await browser.get("/console/keys/a/b")
        let entries = browser.page.components(separatedBy: "Audit of this key").last ?? ""
        #expect(entries.contains("data-label=\"Action\">retrieve"))
        #expect(!entries.contains("data-label=\"Action\">inspect"))
        #expect(!entries.contains("Nothing of late"))
    }
}
