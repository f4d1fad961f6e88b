import FakeServer
import Rotation
import SecretMemory
import Synchronization
import Testing

@testable import Rotators

/// The rotator `aws-iam` at a server that answers as AWS does when something is wrong, or worse.
@Suite("Access keys of AWS, at a hostile server")
struct AWSHostileTests {
    private static var context: RotationContext {
        var context = Sample.context
        context.current = Candidate(
            handle: "AKIAOLD",
            fields: [Sample.field("access_key_id", "AKIAOLD"), Sample.field("secret_access_key", "old-secret")])
        return context
    }

    private static func error(_ status: Int, _ code: String) -> FakeReply {
        .status(
            status,
            "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type>"
                + "<Code>\(code)</Code><Message>secret-in-a-message</Message></Error></ErrorResponse>")
    }

    private static func created(_ inner: String) -> String {
        "<CreateAccessKeyResponse><CreateAccessKeyResult><AccessKey>\(inner)</AccessKey></CreateAccessKeyResult></CreateAccessKeyResponse>"
    }

    private func rotator(_ port: Int, _ more: [String: String] = [:]) throws -> any Rotator {
        let settings = ["user": "app", "endpoint": "http://127.0.0.1:\(port)"]
        return try AWSRotatorKind().rotator(settings.merging(more) { $1 })
    }

    /// How each of the four calls ends where every request is answered by `reply`.
    private func ends(_ reply: FakeReply) async throws -> [String?] {
        let server = try await FakeServer { _ in reply }
        let rotator = try rotator(server.port)
        var late = Self.context
        late.now += AWSRotator.settle
        let current = try #require(late.current)
        let ends = [
            await rotator.create(late).fault, await rotator.test(current, late).fault,
            await rotator.list(late).fault, await rotator.retire(current, late).fault,
        ]
        await server.close()
        return ends
    }

    @Test("Each error that AWS names means what it means for this call")
    func errors() async throws {
        let rejected = "rejected unauthorized"
        #expect(
            try await ends(Self.error(403, "InvalidClientTokenId"))
                == [rejected, "rejected test_failed, another", rejected, rejected])
        #expect(
            try await ends(Self.error(403, "SignatureDoesNotMatch"))
                == [rejected, "rejected test_failed, another", rejected, rejected])
        #expect(
            try await ends(Self.error(403, "AccessDenied")) == [String](repeating: "rejected forbidden", count: 4))
        #expect(
            try await ends(Self.error(404, "NoSuchEntity")) == [
                "rejected not_found", "rejected not_found", "rejected not_found", nil,
            ], "what is gone is ended")
        #expect(try await ends(Self.error(409, "LimitExceeded"))[0] == "rejected limit_reached")
        #expect(try await ends(Self.error(409, "EntityTemporarilyUnmodifiable"))[3] == "not done refused")
        #expect(
            try await ends(Self.error(400, "Throttling")) == [String](repeating: "not done rate_limited", count: 4))
        #expect(
            try await ends(Self.error(400, "ValidationError")) == [String](repeating: "rejected refused", count: 4))
        #expect(
            try await ends(Self.error(500, "ServiceFailure")) == [
                "doubtful server_error", "not done server_error", "not done server_error", "doubtful server_error",
            ])
        #expect(
            try await ends(Self.error(503, "ServiceUnavailable"))[0] == "doubtful server_error")
    }

    @Test("A redirect, 429, silence and what is no XML are never taken for success")
    func strange() async throws {
        #expect(
            try await ends(.status(302, headers: [("Location", "http://169.254.169.254/latest/meta-data/")])) == [
                "doubtful redirected", "not done redirected", "not done redirected", "doubtful redirected",
            ])
        #expect(
            try await ends(.status(429, headers: [("Retry-After", "7")]))
                == [String](repeating: "not done rate_limited 7000", count: 4))
        #expect(
            try await ends(.cut) == [
                "doubtful interrupted", "not done interrupted", "not done interrupted", "doubtful interrupted",
            ])
        for body in ["", "{}", "<html>", "<!DOCTYPE x><x/>"] {
            #expect(
                try await ends(.status(200, body)) == [
                    "doubtful bad_reply", "not done bad_reply", "not done bad_reply", "doubtful bad_reply",
                ])
        }
        let large = "<a>" + String(repeating: "x", count: 10 << 20) + "</a>"
        #expect(try await ends(.status(200, large))[0] == "doubtful too_large")
        #expect(try await ends(.status(403, "no XML"))[0] == "rejected forbidden")
    }

    @Test(
        "A creation whose reply lacks something is in doubt",
        arguments: [
            ("", "doubtful bad_reply"), ("<AccessKeyId>AKIA1</AccessKeyId>", "doubtful bad_reply"),
            ("<SecretAccessKey>x</SecretAccessKey>", "doubtful bad_reply"),
            ("<AccessKeyId>AKIA1</AccessKeyId><SecretAccessKey/>", "doubtful empty_value"),
            ("<AccessKeyId>A B</AccessKeyId><SecretAccessKey>x</SecretAccessKey>", "doubtful bad_reply"),
        ])
    func lacking(inner: String, expected: String) async throws {
        #expect(try await ends(.status(200, Self.created(inner)))[0] == expected)
    }

    @Test("A list is read to its end, and one without an end is not believed")
    func pages() async throws {
        let asked = Mutex<[String]>([])
        let server = try await FakeServer { request in
            let page = asked.withLock { asked in
                asked.append(request.body)
                return asked.count
            }
            let more = page == 1 ? "<IsTruncated>true</IsTruncated><Marker>a&amp;b</Marker>" : ""
            return .status(
                200,
                "<ListAccessKeysResponse><ListAccessKeysResult><AccessKeyMetadata><member><AccessKeyId>AKIA\(page)"
                    + "</AccessKeyId></member></AccessKeyMetadata>\(more)</ListAccessKeysResult></ListAccessKeysResponse>"
            )
        }
        let list = try #require(await rotator(server.port).list(Self.context).value)
        #expect(list == [ListedCredential(handle: "AKIA1"), ListedCredential(handle: "AKIA2")])
        #expect(asked.withLock { $0[1] } == "Action=ListAccessKeys&UserName=app&Version=2010-05-08&Marker=a%26b")
        await server.close()
        let endless = try await FakeServer { _ in
            .status(
                200,
                "<R><ListAccessKeysResult><AccessKeyMetadata/><IsTruncated>true</IsTruncated><Marker>m</Marker></ListAccessKeysResult></R>"
            )
        }
        #expect(try await rotator(endless.port).list(Self.context).fault == "not done too_large")
        await endless.close()
    }

    @Test("A key is made inactive before it is deleted, and nothing but what is declared is sent")
    func ending() async throws {
        let seen = Mutex<[FakeRequest]>([])
        let server = try await FakeServer { request in
            seen.withLock { $0.append(request) }
            return .status(200, "<R/>")
        }
        let old = Candidate(handle: "AKIA/..?&", fields: [])
        #expect(try await rotator(server.port).retire(old, Self.context).fault == nil)
        let requests = seen.withLock { $0 }
        #expect(
            requests.map(\.body) == [
                "Action=UpdateAccessKey&UserName=app&Version=2010-05-08&AccessKeyId=AKIA%2F..%3F%26&Status=Inactive",
                "Action=DeleteAccessKey&UserName=app&Version=2010-05-08&AccessKeyId=AKIA%2F..%3F%26",
            ])
        for request in requests {
            #expect(request.route == "POST /")
            let names = Set(request.headers.map { $0.name.lowercased() }).subtracting(["connection"])
            #expect(
                names == ["host", "user-agent", "authorization", "content-type", "content-length", "x-amz-date"])
            #expect(request.header("host") == "127.0.0.1:\(server.port)")
            #expect(request.header("x-amz-date") == "20270115T080000Z")
        }
        await server.close()
    }

    @Test(
        "Settings are checked when they are written",
        arguments: [
            ([:], "user"), (["user": ""], "user"), (["user": "a/b"], "user"), (["user": "a b"], "user"),
            (["user": "a", "usr": "b"], "usr"), (["user": "a", "region": "eu.west"], "region"),
            (["user": "a", "region": "x/../y"], "region"), (["user": "a", "credential": ""], "credential"),
            (["user": "a", "exclusive": "yes"], "exclusive"),
            (["user": "a", "endpoint": "http://iam.example.com"], "endpoint"),
            (["user": "a", "endpoint": "https://iam.example.com/path"], "endpoint"),
            (["user": "a", "endpoint": "iam.example.com"], "endpoint"),
        ])
    func settings(settings: [String: String], named: String) {
        let error = #expect(throws: RotatorSettingsError.self) { try AWSRotatorKind().rotator(settings) }
        #expect(error?.setting == named)
    }

    @Test(
        "Each partition has its own hosts, and nothing else is reached",
        arguments: [
            ("us-east-1", "iam.amazonaws.com:443", "sts.us-east-1.amazonaws.com:443", "us-east-1"),
            ("eu-central-1", "iam.amazonaws.com:443", "sts.eu-central-1.amazonaws.com:443", "us-east-1"),
            (
                "cn-northwest-1", "iam.cn-north-1.amazonaws.com.cn:443", "sts.cn-northwest-1.amazonaws.com.cn:443",
                "cn-north-1"
            ),
            ("us-gov-east-1", "iam.us-gov.amazonaws.com:443", "sts.us-gov-east-1.amazonaws.com:443", "us-gov-west-1"),
        ])
    func endpoints(region: String, iam: String, sts: String, home: String) throws {
        let rotator = try AWSRotatorKind().rotator(["user": "a", "region": region])
        #expect(rotator.reach == RotatorReach(hosts: [iam, sts].sorted()))
        #expect(try AWSEndpoints(region: region, endpoint: nil).iam.region == home)
    }

    @Test("What is listed is only taken for ours where the user is Keyturn's alone")
    func exclusive() throws {
        #expect(try AWSRotatorKind().rotator(["user": "a"]).capabilities.isExclusive == false)
        #expect(try AWSRotatorKind().rotator(["user": "a", "exclusive": "true"]).capabilities.isExclusive)
    }
}
