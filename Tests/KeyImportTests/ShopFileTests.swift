import KeyImport
import SecretMemory
import Testing

@Suite("The keys of a small web shop")
struct ShopFileTests {
    /// What somebody who reads the file line by line would write down.
    static let expected: [(name: String, path: String, value: String)] = [
        ("STRIPE_SECRET_KEY", "stripe-secret-key", "sk_test_EXAMPLE0f3a9c7b1d5e8042aa61"),
        ("STRIPE_PUBLISHABLE_KEY", "stripe-publishable-key", "pk_test_EXAMPLE77c1e9a04d2b6f83"),
        ("STRIPE_WEBHOOK_SECRET", "stripe-webhook-secret", "whsec_EXAMPLE+9/ab==cd"),
        ("AWS_ACCESS_KEY_ID", "aws-access-key-id", "AKIAEXAMPLE000000001"),
        ("AWS_SECRET_ACCESS_KEY", "aws-secret-access-key", "EXAMPLE/kqV1+x0Zr#notacomment/9Yp2Lw8Tn4Bd6"),
        (
            "GOOGLE_SERVICE_ACCOUNT", "google-service-account",
            #"""
            {
              "type": "service_account",
              "project_id": "shop-example",
              "private_key": "-----BEGIN PRIVATE KEY-----\nEXAMPLEMIIEvQIBADANBg\n-----END PRIVATE KEY-----\n"
            }
            """#
        ),
        ("CLOUDFLARE_API_TOKEN", "cloudflare-api-token", "EXAMPLE_7d0bA-92fQ_xW"),
        ("DIGITALOCEAN_TOKEN", "digitalocean-token", "dop_v1_EXAMPLE5b7a3c"),
        ("SENDGRID_API_KEY", "sendgrid-api-key", "SG.EXAMPLE.a1-b2_c3"),
        ("MAILGUN_API_KEY", "mailgun-api-key", "key-EXAMPLE0123456789"),
        ("TWILIO_ACCOUNT_SID", "twilio-account-sid", "ACEXAMPLE0000000000000000000000001"),
        ("TWILIO_AUTH_TOKEN", "twilio-auth-token", "EXAMPLEfedcba9876543210"),
        ("SLACK_BOT_TOKEN", "slack-bot-token", "xoxb-EXAMPLE-0001-abcd"),
        ("TELEGRAM_BOT_TOKEN", "telegram-bot-token", "123456:EXAMPLE-AAHdqTcv"),
        ("GITHUB_TOKEN", "github-token", "ghp_EXAMPLE0a1b2c3d4e5f"),
        ("GITLAB_TOKEN", "gitlab-token", "glpat-EXAMPLE-xyz"),
        ("SENTRY_AUTH_TOKEN", "sentry-auth-token", "sntrys_EXAMPLEeyJpYXQiOjE3"),
        ("NPM_TOKEN", "npm-token", "npm_EXAMPLE4c8e"),
        (
            "DATABASE_URL", "database-url",
            "postgres://shop:EXAMPLE%40pa%23ss@db.internal:5432/shop?sslmode=require"
        ),
        ("REDIS_URL", "redis-url", "redis://:EXAMPLEpw@cache.internal:6379/0"),
        ("MEILISEARCH_KEY", "meilisearch-key", "EXAMPLE00ff"),
        ("ALGOLIA_ADMIN_KEY", "algolia-admin-key", "EXAMPLE11ee"),
        ("OPENAI_API_KEY", "openai-api-key", "sk-proj-EXAMPLEabcDEF"),
        ("ANTHROPIC_API_KEY", "anthropic-api-key", "sk-ant-EXAMPLE-api03"),
        ("HF_TOKEN", "hf-token", "hf_EXAMPLEqwerty"),
        ("EMPTY_ALLOWED", "empty-allowed", ""),
        ("SPACES", "spaces", "  two leading and two trailing  "),
        ("QUOTE_IN_VALUE", "quote-in-value", "a \"quoted\" word"),
        ("SINGLE", "single", "it is $NOT expanded"),
        ("DOLLAR", "dollar", "$NOT_EXPANDED_EITHER"),
        ("UNICODE", "unicode", "ключ-EXAMPLE-鍵"),
        ("TABS", "tabs", "a\tb"),
        ("BACKSLASH", "backslash", "C:\\EXAMPLE\\new"),
        ("EQUALS", "equals", "a=b=c=="),
        ("LONG", "long", "EXAMPLE" + String(repeating: "x", count: 298)),
    ]

    @Test("Every line comes out as a careful reader expects")
    func values() throws {
        let file = try ImportFile.read(try fixture("shop.env"))
        #expect(file.entries.count == Self.expected.count)
        for (entry, expected) in zip(file.entries, Self.expected) {
            #expect(entry.name == expected.name)
            #expect(entry.fields.count == 1)
            #expect(entry.fields.first?.name == "value")
            #expect(entry.fields.first?.value.disclosedText() == expected.value, "\(entry.name)")
        }
        #expect(file.entries.first { $0.name == "GOOGLE_SERVICE_ACCOUNT" }?.lines == 9...13)
    }

    @Test("The lone `$` outside single quotes is noted, and nothing else is")
    func notes() throws {
        let file = try ImportFile.read(try fixture("shop.env"))
        #expect(file.notes.map(\.name) == ["DOLLAR"])
        #expect(file.notes.first?.kind == .dollarKept)
        #expect(file.notes.first?.line == 47)
    }

    @Test("With CR LF line ends and a byte order mark the values are the same")
    func windows() throws {
        let text = try #require(try fixture("shop.env").disclosedText())
        let windows = "\u{feff}" + text.replacing("\n", with: "\r\n")
        let file = try ImportFile.read(WipedBytes(utf8: windows))
        let plain = try ImportFile.read(WipedBytes(utf8: text))
        #expect(file.values == plain.values)
        #expect(file.notes.map(\.kind) == [.lineEndsChanged, .dollarKept])
    }

    @Test("The plan gives every key its path, skips the empty one and shows no value")
    func plan() throws {
        let file = try ImportFile.read(try fixture("shop.env"))
        let plan = try ImportPlan(file, rule: try PathRule())
        #expect(plan.skipped.map(\.name) == ["EMPTY_ALLOWED"])
        #expect(plan.skipped.map(\.line) == [43])
        let kept = Self.expected.filter { !$0.value.isEmpty }
        #expect(plan.items.map(\.path) == kept.map(\.path))
        #expect(plan.items.map(\.name) == kept.map(\.name))
        let shown = plan.description
        for (name, path, value) in kept {
            #expect(shown.contains("\(name) ") && shown.contains("->  \(path)  (\(value.utf8.count) bytes)"))
        }
        #expect(!shown.contains("EXAMPLE"))
        for (_, _, value) in kept where value.count > 8 { #expect(!shown.contains(value)) }
        #expect(!String(reflecting: plan.items).contains("EXAMPLE"))
        #expect(!"\(file)".contains("EXAMPLE"))
    }
}
