import FakeServer
import Foundation
import Notices
import Outbound
import Rotation
import SecretMemory
import Synchronization
import Testing

@Suite("Notices")
struct NoticeDeskTests {
    private typealias Scene = NoticeScene

    private func fault(_ reply: FakeReply) async throws -> (told: Scene.Told?, requests: Int, waits: [Int64]) {
        let count = Mutex(0)
        let server = try await FakeServer { _ in
            count.withLock { $0 += 1 }
            return reply
        }
        let scene = Scene([try Scene.webhook(server.port)])
        scene.desk.post(Scene.notice())
        let told = await scene.run(until: 1).first
        await server.close()
        return (told, count.withLock { $0 }, scene.waits)
    }

    @Test("A receiver that is broken is asked for an hour, ever more seldom, and then given up, which is told")
    func givenUp() async throws {
        let end = try await fault(.status(500))
        #expect(end.told?.outcome.ending == .givenUp && end.told?.outcome.fault == .serverError)
        #expect(end.told?.outcome.tries == end.requests && end.requests == end.waits.count + 1)
        #expect((15...30).contains(end.requests))
        #expect(end.waits.reduce(0, +) <= 3_600_000)
        for (place, wait) in end.waits.enumerated() {
            let whole = min(Int64(1_000) << Int64(min(place, 20)), 300_000)
            #expect((whole * 3 / 4 - 1...whole).contains(wait))
        }
    }

    @Test("A redirect is not followed, wherever it leads", arguments: [301, 302, 307, 308])
    func redirect(status: Int) async throws {
        let end = try await fault(.status(status, headers: [("Location", "http://169.254.169.254/")]))
        #expect(end.told?.outcome.fault == .redirected)
    }

    @Test("A receiver that is gone for good is not asked again")
    func gone() async throws {
        let end = try await fault(.status(410))
        #expect(end.requests == 1)
        #expect(end.told?.outcome == NoticeOutcome(receiver: "ops", ending: .givenUp, tries: 1, fault: .notFound))
    }

    @Test("A receiver that asks for time gets it, up to the hour")
    func retryAfter() async throws {
        let end = try await fault(.status(429, headers: [("Retry-After", "900")]))
        #expect(end.waits == [900_000, 900_000, 900_000, 900_000])
        #expect(end.told?.outcome.fault == .rateLimited)
    }

    @Test("A reply of 10 MB, and none at all, are failures")
    func strange() async throws {
        #expect(try await fault(.status(200, String(repeating: "x", count: 10 << 20))).told?.outcome.fault == .tooLarge)
        #expect(try await fault(.cut).told?.outcome.fault == .interrupted)
    }

    @Test("Without a secret, or with a short one, nothing is sent", arguments: [nil, "", "fifteen bytes!!"])
    func unsigned(secret: String?) async throws {
        let count = Mutex(0)
        let server = try await FakeServer { _ in
            count.withLock { $0 += 1 }
            return .status(200)
        }
        let scene = Scene([try Scene.webhook(server.port, secret: secret)])
        scene.desk.post(Scene.notice())
        #expect(await scene.run(until: 1).first?.outcome.fault == .missingField)
        #expect(count.withLock { $0 } == 0)
        await server.close()
    }

    @Test("A name that leads to where clouds keep credentials is not asked, whatever is allowed")
    func linkLocal() async throws {
        let webhook = try Webhook(url: "https://hooks.example.com/", allowsPrivate: true) {
            WipedBytes(utf8: Scene.secret)
        }
        let scene = Scene(
            [NoticeReceiver(name: "ops", kinds: [.rotated], way: .webhook(webhook))],
            resolver: FixedAddress(bytes: [169, 254, 169, 254]))
        scene.desk.post(Scene.notice())
        #expect(await scene.run(until: 1).first?.outcome.fault == .hostRefused)
    }

    @Test("What there is no room for is dropped, and told of at once")
    func full() async throws {
        let server = try await FakeServer { _ in .status(200) }
        let scene = Scene([try Scene.webhook(server.port)])
        for number in 1...NoticeDesk.longestQueue + 2 { scene.desk.post(Scene.notice("k/\(number)")) }
        let told = await scene.run(until: NoticeDesk.longestQueue + 2)
        let dropped = told.filter { $0.outcome.ending == .dropped }
        #expect(dropped.map(\.path) == ["k/1001", "k/1002"])
        #expect(
            told.filter { $0.outcome.ending == .delivered }.map(\.path)
                == (1...NoticeDesk.longestQueue).map { "k/\($0)" })
        await server.close()
    }

    @Test("What is not told when the server stops is dropped, and that is said")
    func stopped() async throws {
        let server = try await FakeServer { _ in .hang }
        let scene = Scene([try Scene.webhook(server.port)])
        let task = Task { await scene.desk.run() }
        for number in 1...3 { scene.desk.post(Scene.notice("k/\(number)")) }
        task.cancel()
        await task.value
        scene.desk.post(Scene.notice("k/4"))
        let told = await scene.run(until: 4)
        #expect(told.map(\.path) == ["k/1", "k/2", "k/3", "k/4"])
        #expect(told.allSatisfy { $0.outcome.ending == .dropped })
        await server.close()
    }

    @Test("A receiver that does not answer keeps nobody else waiting")
    func others() async throws {
        let slow = try await FakeServer { _ in .hang }
        let quick = try await FakeServer { _ in .status(204) }
        let scene = Scene([try Scene.webhook(slow.port, "slow"), try Scene.webhook(quick.port, "quick")])
        for number in 1...3 { scene.desk.post(Scene.notice("k/\(number)")) }
        let told = await scene.run(until: 3)
        #expect(told.map(\.outcome.receiver) == ["quick", "quick", "quick"])
        #expect(told.map(\.path) == ["k/1", "k/2", "k/3"])
        await slow.close()
        await quick.close()
    }

    @Test("A receiver is told of what it wants to know, in order, with the same name at each try")
    func delivered() async throws {
        let seen = Mutex<[FakeRequest]>([])
        let server = try await FakeServer { request in
            let count = seen.withLock { seen in
                seen.append(request)
                return seen.count
            }
            return .status(count == 1 ? 503 : 200)
        }
        let scene = Scene([try Scene.webhook(server.port, kinds: [.failing, .held])])
        scene.desk.post(Scene.notice("a/b", .rotated))
        var failing = Scene.notice("a/b", .failing)
        failing.fault = .serverError
        failing.step = .create
        failing.nextAttempt = 1_800_000_005_000
        scene.desk.post(failing)
        scene.desk.post(Scene.notice("a/c", .held))
        let told = await scene.run(until: 2)
        #expect(
            told.map(\.outcome) == [
                NoticeOutcome(receiver: "ops", ending: .delivered, tries: 2),
                NoticeOutcome(receiver: "ops", ending: .delivered, tries: 1),
            ])
        let requests = seen.withLock { $0 }
        #expect(requests.map(\.route) == [String](repeating: "POST /hooks/keyturn", count: 3))
        #expect(requests[0].query == ["x": "1"])
        #expect(requests[0].body == requests[1].body)
        #expect(requests[0].header("keyturn-notice") == requests[1].header("keyturn-notice"))
        #expect(requests[1].header("keyturn-notice") != requests[2].header("keyturn-notice"))
        let id = try #require(requests[0].header("keyturn-notice"))
        #expect(
            requests[0].body
                == #"{"fault":"server_error","id":"\#(id)","key":{"id":"00000000000000000000000000000001","path":"a/b","version":3},"next_attempt":"2027-01-15T08:00:05Z","step":"create","time":"2027-01-15T07:59:59.500Z","type":"failing"}"#
        )
        #expect(requests[0].header("keyturn-signature")?.hasPrefix("t=1800000000,v1=") == true)
        // After up to a second.
        #expect(requests[1].header("keyturn-signature")?.prefix(16).contains(/^t=180000000[01],v1=/) == true)
        let names = Set(requests[0].headers.map { $0.name.lowercased() }).subtracting(["connection"])
        #expect(
            names == [
                "host", "user-agent", "content-type", "content-length", "keyturn-notice", "keyturn-signature",
            ])
        await server.close()
    }

    @Test(
        "An address that is no fixed https host, or whose path cannot be sent, is refused",
        arguments: [
            "http://hooks.example.com/", "https://", "https:///x", "hooks.example.com", "https://user@example.com/",
            "https://example.com/a b", "https://example.com/#x", "https://example.com/\n", "https://example.com?x",
            "ftp://example.com/",
        ])
    func addresses(url: String) {
        #expect(throws: WebhookError.self) { try Webhook(url: url) { nil } }
    }
}

private struct FixedAddress: Resolver {
    let bytes: [UInt8]
    func addresses(of host: String) async -> [[UInt8]] { [bytes] }
}

@Suite("Notices to a program")
struct NoticeCommandTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "notice-\(UUID().uuidString)").path()

    private func program(_ text: String) throws -> NoticeReceiver {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = folder + "/hook"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
        return NoticeReceiver(name: "pager", kinds: [.held], way: .command(try OwnedProgram(path)))
    }

    @Test("A program that fails, or is not there any more, is tried again and given up")
    func fails() async throws {
        let scene = NoticeScene([try program("#!/bin/sh\nexit 3\n")])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        scene.desk.post(NoticeScene.notice("a/b", .held))
        let told = await scene.run(until: 1).first?.outcome
        #expect(told?.ending == .givenUp && told?.fault == .commandFailed && told?.tries ?? 0 > 10)
    }

    @Test("A program reads one line of JSON, and has nothing in its environment")
    func reads() async throws {
        let scene = NoticeScene([try program("#!/bin/sh\ncat > \(folder)/seen\n/usr/bin/env > \(folder)/environment\n")]
        )
        defer { try? FileManager.default.removeItem(atPath: folder) }
        scene.desk.post(NoticeScene.notice("a/b", .held))
        #expect(await scene.run(until: 1).first?.outcome.ending == .delivered)
        let seen = try String(contentsOfFile: folder + "/seen", encoding: .utf8)
        #expect(seen.hasSuffix("\"type\":\"held\"}\n") && seen.contains(#""path":"a/b""#))
        let environment = try String(contentsOfFile: folder + "/environment", encoding: .utf8)
        #expect(!environment.contains("KEYTURN"))
    }
}
