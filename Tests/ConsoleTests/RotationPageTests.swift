import Foundation
import Policy
import Rotation
import SecretMemory
import Testing
import Vault

@testable import Console

/// The calendar, the timeline, the list by state, and plans.
@Suite struct RotationPageTests {
    private static let day: Int64 = 86_400_000

    private func rotated(_ scene: ConsoleScene, _ key: String, _ path: String, every days: Int64, paused: Bool = false)
        async throws
    {
        let settings = RotationSettingsInput(
            rotator: "generate", timing: .every(days * Self.day), overlap: Self.day, paused: paused)
        try await scene.put(key, path, "the value", MetadataChange(rotation: .set(settings)))
    }

    @Test("A vault without rotations says what one is")
    func empty() async throws {
        let (_, browser, _) = try await ConsoleScene.signedIn()
        #expect(try await browser.get("/console/rotation") == 200)
        #expect(
            browser.page.contains("No key is rotated yet")
                && browser.page.contains("Nothing is due in the next 90 days"))
    }

    @Test("The calendar links each day to the keys that are due on it")
    func calendar() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await rotated(scene, key, "a/monthly", every: 30)
        try await rotated(scene, key, "a/weekly", every: 7)
        try await rotated(scene, key, "a/paused", every: 10, paused: true)
        try await browser.get("/console/rotation")
        let due = ChartDay(of: scene.clock.wall + 30 * Self.day)
        #expect(browser.page.contains("/console/rotation?day=\(due.iso)#keys"))
        let link = ChartDay(of: scene.clock.wall + 7 * Self.day).iso
        try await browser.get("/console/rotation?day=\(link)")
        #expect(browser.page.contains("Due on"))
        let list = browser.page.components(separatedBy: "id=\"keys\"").last ?? ""
        #expect(list.contains("a/weekly") && !list.contains("a/monthly") && !list.contains("a/paused"))
    }

    @Test("A day on which many keys are due has pages, without a gap or a repetition, and keeps the other filters")
    func busyDay() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        let rotation = RotationSettingsInput(rotator: "generate", timing: .every(30 * Self.day))
        let writes = try (0..<120).map { number in
            KeyWrite(
                path: try ResourcePath(parsing: "many/n\(number)"),
                fields: [SecretField(name: "value", value: WipedBytes(utf8: "v"))],
                metadata: MetadataChange(rotation: .set(rotation)))
        }
        _ = try await scene.vault.importKeys(scene.requester(key), writes, replace: false)
        try await rotated(scene, key, "other/one", every: 30)
        let due = ChartDay(of: scene.clock.wall + 30 * Self.day).iso
        var next: String? = "/console/rotation?day=\(due)&prefix=many"
        var pages: [[String]] = []
        while let target = next, pages.count < 10 {
            #expect(try await browser.get(String(target.split(separator: "#")[0])) == 200)
            let list = browser.page.components(separatedBy: "id=\"keys\"").last ?? ""
            let found = list.matches(of: #/class="title"><a class="mono" href="\/console\/keys\/([^"]+)">/#)
            pages.append(found.map { String($0.1) })
            #expect(list.contains("name=\"day\" value=\"\(due)\""))
            #expect(list.contains("href=\"/console/rotation?prefix=many#keys\">All days</a>"))
            next = list.firstMatch(of: #/href="([^"]+)" rel="next"/#).map { String($0.1).replacing("&amp;", with: "&") }
        }
        #expect(pages.map(\.count) == [50, 50, 20])
        #expect(Set(pages.joined()).count == 120 && pages.joined().allSatisfy { $0.hasPrefix("many/") })
    }

    @Test("The list is filtered by state, by a ticked box or by an address")
    func filtered() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await rotated(scene, key, "a/one", every: 30)
        try await rotated(scene, key, "a/two", every: 30, paused: true)
        for query in ["state=paused", "is=paused", "state=paused,held"] {
            try await browser.get("/console/rotation?" + query)
            let list = browser.page.components(separatedBy: "id=\"keys\"").last ?? ""
            #expect(list.contains("a/two") && !list.contains("a/one"), "\(query)")
        }
        try await browser.get("/console/rotation?state=nonsense&day=never&prefix=b")
        #expect(browser.reply.status == 200)
    }

    @Test("What keys are to be beneath is a path; what is none is an error at its field")
    func beneath() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await rotated(scene, key, "a/one", every: 30)
        try await rotated(scene, key, "b/two", every: 30)
        for prefix in ["a", "a/", "a/**"] {
            #expect(try await browser.get("/console/rotation?prefix=" + prefix) == 200)
            let list = browser.page.components(separatedBy: "id=\"keys\"").last ?? ""
            #expect(list.contains("a/one") && !list.contains("b/two"), "\(prefix)")
        }
        #expect(try await browser.get("/console/rotation?prefix=../x") == 400)
        #expect(browser.page.contains("id=\"f-prefix-error\"") && browser.page.contains("value=\"../x\""))
        #expect(browser.page.contains("<a href=\"#f-prefix\">Beneath</a>: "))
    }

    @Test("A key that is paused is not offered to be rotated, and one that goes on is")
    func paused() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await rotated(scene, key, "a/one", every: 30, paused: true)
        try await browser.get("/console/keys/a/one")
        #expect(
            browser.page.contains("/console/keys/a/one:unpause") && !browser.page.contains("/console/keys/a/one:rotate")
        )
        try await browser.post("/console/keys/a/one:unpause")
        #expect(
            browser.page.contains("/console/keys/a/one:rotate") && !browser.page.contains("/console/keys/a/one:unpause")
        )
    }

    @Test("A plan says what would happen, and nothing does")
    func plan() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        try await rotated(scene, key, "a/one", every: 30)
        #expect(try await browser.get("/console/keys/a/one:plan") == 200)
        #expect(browser.page.contains("make the new version current") && browser.page.contains("not before"))
        let now = try scene.vault.inspect(scene.requester(key), ResourcePath(parsing: "a/one"))
        #expect(now.current == 1)
        try await scene.put(key, "a/plain")
        #expect(try await browser.get("/console/keys/a/plain:plan") == 409)
        #expect(browser.page.contains("href=\"/console/keys/a/plain\">Back</a>"))
        #expect(try await browser.get("/console/keys/a/none") == 404)
        #expect(!browser.page.contains(">Back</a>") && browser.page.contains(">To the console</a>"))
    }

    @Test("Whoever may not rotate is offered no button, and sees the keys alone that it may list")
    func less() async throws {
        let policies = """
            policy: viewer
            rules:
              - allow: [list, inspect]
                keys: ["a/**"]
            """
        let (scene, administrator) = try await ConsoleScene.opened(policies: policies)
        try await rotated(scene, administrator, "a/one", every: 30)
        try await rotated(scene, administrator, "b/two", every: 30)
        let browser = Browser(scene)
        try await browser.signIn(try await scene.accessKey(administrator, ["viewer"]))
        #expect(try await browser.get("/console/rotation") == 200)
        #expect(browser.page.contains("a/one") && !browser.page.contains("b/two"))
        #expect(!browser.page.contains("Rotate now") && !browser.page.contains(":pause"))
    }
}
