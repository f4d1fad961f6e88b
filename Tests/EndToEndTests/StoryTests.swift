import Foundation
import KeyImport
import SecretMemory
import TestThreads
import Testing

/// The main job on real input, from an empty folder to applications that have their keys after a crash.
@Suite(.blocks, .timeLimit(.minutes(20))) struct StoryTests {
    static let policies = [
        "payments.yaml": """
        policy: payments
        description: The payments service and the keys that it fetches as it starts.
        rules:
          - allow: [retrieve]
            keys: ["shop/stripe-*"]
        tests:
          - {allow: retrieve, key: shop/stripe-secret-key}
          - {deny: retrieve, key: shop/sendgrid-api-key}
        """,
        "mailer.yaml": """
        policy: mailer
        description: The mailer, which runs on this host as a Unix user of its own.
        rules:
          - allow: [retrieve]
            keys: ["shop/sendgrid-*", "shop/mailgun-*"]
          - deny: [retrieve]
            keys: ["shop/mailgun-*"]
            reason: mailgun is switched off
          - deny: [retrieve]
            keys: ["shop/stripe-*"]
            reason: payments are none of the mailer's
        callers:
          unix-users: [games]
        """,
    ]

    @Test("An operator imports a shop's keys, and each application gets its own and no other's, through seal and crash")
    func story() throws {
        let server = try TestServer.ready(policies: Self.policies)
        let imported = try importShop(server)

        // An application with an access key.
        let made = try server.keyturn(["access", "create", "payments-app", "--policy", "payments", "--json"])
        try #require(made.code == 0, "\(made.errors)")
        let key = try #require(made.json()["key"] as? String)
        let started = try server.application(
            ["run", "--env", "STRIPE=shop/stripe-secret-key", "--env", "HOOK=shop/stripe-webhook-secret", "--", "env"],
            key: key)
        #expect(started.code == 0, "\(started.errors)")
        #expect(started.output.contains("STRIPE=\(imported["shop/stripe-secret-key"] ?? "?")\n"))
        #expect(started.output.contains("HOOK=\(imported["shop/stripe-webhook-secret"] ?? "?")\n"))
        #expect(!started.output.contains("KEYTURN_ACCESS_KEY"))

        // It is refused what belongs to the other, and an operator can see why.
        let refused = try server.application(
            ["run", "--env", "MAIL=shop/sendgrid-api-key", "--", "env"], key: key)
        #expect(refused.code == 4)
        #expect(refused.output.isEmpty)
        let decision = try #require(refused.errors.firstMatch(of: /policy explain ([0-9a-f]+)/)?.1)
        let explained = try server.keyturn(["policy", "explain", String(decision)])
        #expect(explained.code == 0, "\(explained.errors)")
        #expect(explained.output.contains("no rule matched"))
        #expect(explained.output.contains("payments"))

        // A Unix user needs no secret, and a deny names its file and line.
        let mailer = ["run", "--env", "MAIL=shop/sendgrid-api-key", "--", "printenv", "MAIL"]
        let mailed = try server.unixUser("games", mailer)
        #expect(mailed.code == 0, "\(mailed.errors)")
        #expect(mailed.output == (imported["shop/sendgrid-api-key"] ?? "?") + "\n")
        let others = try server.unixUser("games", ["run", "--env", "A=shop/stripe-secret-key", "--", "env"])
        #expect(others.code == 4 && others.output.isEmpty)
        let third = try #require(others.errors.firstMatch(of: /policy explain ([0-9a-f]+)/)?.1)
        #expect(try server.keyturn(["policy", "explain", String(third)]).output.contains("mailer.yaml:9"))
        let denied = try server.unixUser("games", ["get", "shop/mailgun-api-key"])
        #expect(denied.code == 4)
        let second = try #require(denied.errors.firstMatch(of: /policy explain ([0-9a-f]+)/)?.1)
        let why = try server.keyturn(["policy", "explain", String(second)])
        #expect(why.output.contains("mailer.yaml:6"))
        #expect(why.output.contains("mailgun is switched off"))
        #expect(try server.unixUser("daemon", ["get", "shop/sendgrid-api-key"]).code == 4)

        // Sealed, nobody gets anything.
        #expect(try server.keyturn(["seal"]).code == 0)
        #expect(try server.application(["get", "shop/stripe-secret-key"], key: key).code == 3)
        let sealed = try server.request("GET", "/v1/values/shop/stripe-secret-key", key: key)
        #expect(sealed.status == 503)
        #expect(try sealed.json()["code"] as? String == "sealed")
        #expect(sealed.head.lowercased().contains("retry-after:"))
        try server.unseal()

        // A crash loses nothing.
        server.kill()
        try server.start()
        #expect(try server.application(["get", "shop/stripe-secret-key"], key: key).code == 3)
        try server.unseal()
        for (path, value) in imported {
            let found = try server.keyturn(["get", path])
            #expect(found.code == 0 && found.output == value, "\(path)")
        }
        #expect(try server.application(["get", "shop/stripe-secret-key"], key: key).code == 0)
        #expect(try server.unixUser("games", mailer).output == mailed.output)
    }

    @Test("An import does all of it or nothing")
    func importIsWhole() throws {
        let server = try TestServer.ready()
        try server.put("shop/npm-token", "there-already-and-not-to-be-lost")
        let refused = try server.keyturn(["import", ShopFile.path, "--prefix", "shop", "--yes"])
        #expect(refused.code == 1)
        #expect(refused.errors.contains("shop/npm-token"))
        #expect(try server.keyturn(["get", "shop/npm-token"]).output == "there-already-and-not-to-be-lost")
        #expect(try server.keyturn(["get", "shop/github-token"]).code == 5)
    }

    @Test("A dry run of an import says what it would do, and does nothing")
    func dryRun() throws {
        let server = try TestServer.ready()
        let planned = try server.keyturn(["import", ShopFile.path, "--dry-run"])
        #expect(planned.code == 0, "\(planned.errors)")
        #expect((planned.output + planned.errors).contains("stripe-secret-key"))
        #expect(!(planned.output + planned.errors).contains("EXAMPLE0f3a9c7b"))
        #expect(try server.keyturn(["get", "stripe-secret-key"]).code == 5)
    }

    @Test("run waits for a sealed vault within its bound, and says so")
    func runWaits() throws {
        let server = try TestServer.ready()
        try server.put("demo/key", "the-value-to-wait-for")
        #expect(try server.keyturn(["seal"]).code == 0)
        // An attempt has three seconds, in which a busy machine may have no answer.
        try waitUntil("it gives up, and says why") {
            let gaveUp = try server.keyturn(["run", "--wait", "1s", "--env", "V=demo/key", "--", "env"])
            return gaveUp.code == 3 && gaveUp.errors.contains("sealed")
        }
        let opener = Thread {
            usleep(500_000)
            try? server.unseal()
        }
        opener.start()
        let started = try server.keyturn(["run", "--wait", "120s", "--env", "V=demo/key", "--", "env"])
        #expect(started.code == 0)
        #expect(started.output.contains("V=the-value-to-wait-for"))
    }

    /// Imports the sample file; gives what must be found at each path afterwards.
    private func importShop(_ server: TestServer) throws -> [String: String] {
        let done = try server.keyturn(["import", ShopFile.path, "--prefix", "shop", "--yes"])
        try #require(done.code == 0, "\(done.errors)")
        return try ShopFile.values(prefix: "shop")
    }
}

/// The sample of a shop's keys.
enum ShopFile {
    static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("KeyImportTests/Fixtures/shop.env").path

    /// What is stored at which path.
    static func values(prefix: String) throws -> [String: String] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let file = try ImportFile.readEnv(WipedBytes(copying: bytes.span.bytes))
        let plan = try ImportPlan(file, rule: try PathRule(prefix: prefix, mappings: []), emptyValues: .imported)
        return Dictionary(
            uniqueKeysWithValues: plan.items.map { item in
                (item.path, item.fields.first?.value.disclosedText() ?? "")
            })
    }
}
