import FakeServer
import Outbound
import Rotation
import SecretMemory
import Synchronization
import Testing

@testable import Rotators

/// A provider that lies, stalls, floods or points elsewhere.
@Suite struct HostileProviderTests {
    private static let text = """
        provider: test
        host: HOST
        allow-private: true
        time: 120s
        reply: 4096
        settings:
          note: {default: plain}
        fields: [id, value]
        handle: id
        create:
          request: POST /keys
          headers: {authorization: "Bearer {{current.value}}"}
          json: '{"name": "{{mark}}", "note": "{{setting.note}}"}'
          take: {id: /id, value: /value}
        test:
          request: GET /self
          headers: {authorization: "Bearer {{candidate.value}}"}
        retire:
          request: DELETE /keys/{{retired.handle}}
          headers: {authorization: "Bearer {{current.value}}"}
        list:
          request: GET /keys
          items: /keys
          handle: /id
        """

    private static var context: RotationContext {
        var context = Sample.context
        context.current = Candidate(handle: "1", fields: [Sample.field("id", "1"), Sample.field("value", "current")])
        return context
    }

    private func rotator(
        _ host: String, settings: [String: String] = [:], replacing: (String, String)? = nil,
        resolver: any Resolver = SystemResolver()
    ) throws -> any Rotator {
        var text = Self.text.replacing("HOST", with: host)
        if let replacing { text = text.replacing(replacing.0, with: replacing.1) }
        let kind = HTTPRotatorKind(
            try ProviderSet(files: [("test.yaml", text)]), sender: HTTPSender(resolver: resolver))
        return try kind.rotator(settings.merging(["provider": "test"]) { $1 })
    }

    @Test(
        "What a reply lacks or has too much of leaves the creation in doubt",
        arguments: [
            ("", "doubtful bad_reply"), ("{}", "doubtful bad_reply"), ("[]", "doubtful bad_reply"),
            (#"{"id":"2","value":""}"#, "doubtful empty_value"), (#"{"id":"2","value":null}"#, "doubtful bad_reply"),
            (#"{"id":"2","value":{"a":1}}"#, "doubtful bad_reply"), (#"{"id":"2","value":"x"}}"#, "doubtful bad_reply"),
            (#"{"id":"a b","value":"x"}"#, "doubtful bad_reply"),
            (#"{"id":"2","id":"3","value":"x"}"#, "doubtful bad_reply"),
            ("<html>", "doubtful bad_reply"), (String(repeating: "[", count: 4_000), "doubtful bad_reply"),
            (#"{"id":"2","value":""# + String(repeating: "x", count: 10 << 20) + "\"}", "doubtful too_large"),
        ])
    func badReplies(body: String, expected: String) async throws {
        let server = try await FakeServer { _ in .status(200, body) }
        #expect(try await rotator("http://127.0.0.1:\(server.port)").create(Self.context).fault == expected)
        await server.close()
    }

    @Test(
        "A redirect is not followed, wherever it leads",
        arguments: [301, 302, 303, 307, 308])
    func redirect(status: Int) async throws {
        let asked = Mutex(0)
        let server = try await FakeServer { request in
            asked.withLock { $0 += 1 }
            return .status(status, "", headers: [("Location", "http://169.254.169.254/latest/meta-data/")])
        }
        let rotator = try rotator("http://127.0.0.1:\(server.port)")
        #expect(await rotator.create(Self.context).fault == "doubtful redirected")
        #expect(await rotator.list(Self.context).fault == "not done redirected")
        #expect(asked.withLock { $0 } == 2)
        await server.close()
    }

    @Test("A provider that never answers is given up when its time is over")
    func never() async throws {
        let server = try await FakeServer { _ in .hang }
        let rotator = try rotator("http://127.0.0.1:\(server.port)", replacing: ("time: 120s", "time: 1s"))
        #expect(await rotator.create(Self.context).fault == "doubtful timed_out")
        await server.close()
    }

    @Test("A reply that comes byte by byte is given up when the time for all of it is over, and its connection closed")
    func trickle() async throws {
        let (time, clock) = AsyncStream.makeStream(of: Void.self)
        let (gone, client) = AsyncStream.makeStream(of: Void.self)
        let server = try await FakeServer { _ in
            .trickle(sent: { if $0 == 20 { clock.yield() } }, ended: { client.yield() })
        }
        let sender = HTTPSender(pause: { milliseconds in
            #expect(milliseconds == 60_000)
            for await _ in time { return }
            throw CancellationError()
        })
        let request = OutboundRequest(.get, try Origin(parsing: "http://127.0.0.1:\(server.port)"), "/")
        let failure = await #expect(throws: OutboundFailure.self) {
            // Less than what the server would send, so that without the limit of time this would end as well.
            try await sender.send(request, OutboundLimits(time: 60_000, reply: 100_000, allowsPrivate: true))
        }
        #expect(failure?.reason == .timedOut && failure?.mayHaveArrived == true)
        for await _ in gone { break }
        await server.close()
    }

    @Test("A name server that never answers is given up when the time is over")
    func silentResolver() async throws {
        let (silence, end) = AsyncStream.makeStream(of: Void.self)
        let sender = HTTPSender(resolver: SilentResolver(silence: silence), pause: { _ in })
        let request = OutboundRequest(.get, try Origin(parsing: "https://api.example.com"), "/")
        let failure = await #expect(throws: OutboundFailure.self) {
            try await sender.send(request, OutboundLimits(time: 60_000))
        }
        #expect(failure?.reason == .timedOut)
        end.finish()
    }

    @Test("Where nothing listens nothing was done")
    func refused() async throws {
        let server = try await FakeServer { _ in .hang }
        let port = server.port
        await server.close()
        #expect(try await rotator("http://127.0.0.1:\(port)").create(Self.context).fault == "not done unreachable")
    }

    @Test(
        "A name that leads inside is refused, and a link-local address always",
        arguments: [
            ([[127, 0, 0, 1]], false), ([[10, 0, 0, 1]], false), ([[192, 168, 1, 1]], false),
            ([[100, 64, 0, 1]], false),
            ([[8, 8, 8, 8], [127, 0, 0, 1]], false), ([[169, 254, 169, 254]], false), ([[169, 254, 169, 254]], true),
            ([[0, 0, 0, 0]], true), ([[0xfe, 0x80] + [UInt8](repeating: 1, count: 14)], true),
            ([[UInt8](repeating: 0, count: 10) + [0xff, 0xff, 169, 254, 169, 254]], true),
            ([[UInt8](repeating: 0, count: 10) + [0xff, 0xff, 127, 0, 0, 1]], false),
            ([[0x00, 0x64, 0xff, 0x9b] + [UInt8](repeating: 0, count: 8) + [10, 0, 0, 1]], false),
            ([[0xfc] + [UInt8](repeating: 1, count: 15)], false),
        ] as [([[UInt8]], Bool)])
    func addresses(addresses: [[UInt8]], allowsPrivate: Bool) async throws {
        let rotator = try rotator(
            "https://api.example.com", replacing: ("allow-private: true", "allow-private: \(allowsPrivate)"),
            resolver: FixedResolver(all: addresses))
        #expect(await rotator.create(Self.context).fault == "rejected host_refused")
    }

    @Test("A name is looked up once, and the connection goes to what was checked")
    func resolvedOnce() async throws {
        let server = try await FakeServer { _ in .status(200, #"{"keys":[]}"#) }
        let resolver = CountingResolver()
        let rotator = try rotator("http://localhost:\(server.port)", resolver: resolver)
        #expect(await rotator.list(Self.context).fault == nil)
        #expect(resolver.count.withLock { $0 } == 1)
        await server.close()
    }

    @Test("A request holds what the file declares and nothing of whoever asked for the rotation")
    func headers() async throws {
        let seen = Mutex<[FakeRequest]>([])
        let server = try await FakeServer { request in
            seen.withLock { $0.append(request) }
            return .status(200, #"{"id":"2","value":"new"}"#)
        }
        _ = try await rotator("http://127.0.0.1:\(server.port)").create(Self.context)
        let request = try #require(seen.withLock { $0.first })
        let names = Set(request.headers.map { $0.name.lowercased() }).subtracting(["connection"])
        #expect(
            names == ["host", "user-agent", "accept", "authorization", "content-type", "content-length"])
        #expect(request.header("authorization") == "Bearer current")
        await server.close()
    }

    @Test("Values cannot leave the place that the file gives them")
    func injection() async throws {
        let seen = Mutex<[FakeRequest]>([])
        let server = try await FakeServer { request in
            seen.withLock { $0.append(request) }
            return .status(200, #"{"id":"2","value":"new"}"#)
        }
        let host = "http://127.0.0.1:\(server.port)"
        let quoting = try rotator(host, settings: ["note": "\",\"admin\":true,\"x\":\"\\\u{1}"])
        #expect(await quoting.create(Self.context).fault == nil)
        #expect(seen.withLock { $0.last?.body.contains(#""note": "\",\"admin\":true,\"x\":\"\\\u0001"}"#) } == true)
        let handle = Candidate(handle: "../../admin?x=1#y", fields: [])
        _ = await quoting.retire(handle, Self.context)
        #expect(seen.withLock { $0.last?.path } == "/keys/..%2F..%2Fadmin%3Fx%3D1%23y")
        #expect(
            await quoting.retire(Candidate(handle: "..", fields: []), Self.context).fault == "rejected invalid_settings"
        )
        var split = Self.context
        split.current = Candidate(
            handle: "1", fields: [Sample.field("id", "1"), Sample.field("value", "a\r\nx-admin: yes")])
        #expect(await quoting.create(split).fault == "rejected invalid_settings")
        split.current = nil
        #expect(await quoting.create(split).fault == "rejected missing_field")
        #expect(seen.withLock { $0.count } == 2)
        await server.close()
    }

    @Test("The same key again is handed on as it is, for the machine to refuse")
    func repeated() async throws {
        let server = try await FakeServer { _ in .status(200, #"{"id":"1","value":"current"}"#) }
        let candidate = try await rotator("http://127.0.0.1:\(server.port)").create(Self.context).value
        #expect(candidate?.field("value")?.disclosedText() == "current")
        await server.close()
    }

    @Test(
        "Settings are checked when they are written",
        arguments: [
            ([:], "provider"), (["provider": "nobody"], "provider"), (["provider": "test", "nots": "x"], "nots"),
            (["provider": "test", "credential": "a/b"], "credential"), (["provider": "test", "note": ""], "note"),
        ])
    func settings(settings: [String: String], named: String) throws {
        let text = Self.text.replacing("HOST", with: "https://api.example.com")
        let kind = HTTPRotatorKind(try ProviderSet(files: [("test.yaml", text)]))
        let error = #expect(throws: RotatorSettingsError.self) { try kind.rotator(settings) }
        #expect(error?.setting == named)
    }

    @Test("The reach of a rotator is the file's host, and the key that its settings name")
    func reach() throws {
        let text = Self.text.replacing("HOST", with: "https://api.example.com")
            .replacing("fields:", with: "credential: [value]\nfields:")
        let kind = HTTPRotatorKind(try ProviderSet(files: [("test.yaml", text)]))
        let rotator = try kind.rotator(["provider": "test", "credential": "ops/root"])
        #expect(rotator.reach == RotatorReach(hosts: ["api.example.com:443"], keys: ["ops/root"]))
    }
}

struct FixedResolver: Resolver {
    let all: [[UInt8]]
    func addresses(of host: String) async -> [[UInt8]] { all }
}

/// Leads to this machine the first time, and to where clouds keep credentials ever after.
private final class CountingResolver: Resolver {
    let count = Mutex(0)
    func addresses(of host: String) async -> [[UInt8]] {
        count.withLock { count in
            count += 1
            return count == 1 ? [[127, 0, 0, 1]] : [[169, 254, 169, 254]]
        }
    }
}

/// Does not answer, and does not notice that nobody asks any more.
private struct SilentResolver: Resolver {
    let silence: AsyncStream<Void>

    func addresses(of host: String) async -> [[UInt8]] {
        for await _ in silence {}
        return []
    }
}
