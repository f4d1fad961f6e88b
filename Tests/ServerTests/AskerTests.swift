import IssuedKeys
import NIOHTTP1
import SecretMemory
import Testing
import Vault

@testable import Server

@Suite("Whom a request is taken for")
struct AskerTests {
    private let rules = PeerRules(
        trustedProxies: try? NetworkList(parsing: ["10.0.0.0/8"]), serverUser: 500, overflowUser: 65534)
    private let stranger = Peer(address: try? IPAddress(parsing: "192.0.2.7"))
    private let proxy = Peer(address: try? IPAddress(parsing: "10.1.2.3"))

    private func asker(_ headers: [(String, String)], _ peer: Peer, _ door: Door = .network) throws -> Asker {
        try rules.asker(HTTPHeaders(headers), peer: peer, door: door)
    }

    @Test("A forwarded address from a peer that is not trusted is ignored")
    func untrusted() throws {
        for name in ["X-Forwarded-For", "Forwarded", "X-Real-IP"] {
            #expect(try asker([(name, "127.0.0.1")], stranger).address == stranger.address)
        }
    }

    @Test("From a trusted proxy the last entry counts, and no other")
    func trusted() throws {
        let expected = try IPAddress(parsing: "198.51.100.9")
        #expect(try asker([("X-Forwarded-For", "127.0.0.1, 198.51.100.9")], proxy).address == expected)
        #expect(
            try asker([("X-Forwarded-For", "10.0.0.1"), ("x-forwarded-for", " 127.0.0.1 ,198.51.100.9 ")], proxy)
                .address
                == expected)
        #expect(try asker([], proxy).address == proxy.address)
        for broken in ["", "127.0.0.1,", "unknown", "198.51.100.9:80", "1.2.3.4 5"] {
            #expect(throws: Refusal.self) { try asker([("X-Forwarded-For", broken)], proxy) }
        }
    }

    @Test("Two credentials that differ are refused, and so is a header that is there twice")
    func ambiguous() {
        let pairs: [[(String, String)]] = [
            [("Authorization", "Bearer a"), ("X-API-Key", "b")],
            [("Authorization", "Bearer a"), ("authorization", "Bearer a")],
            [("X-API-Key", "a"), ("X-API-Key", "b")],
        ]
        for headers in pairs {
            let error = #expect(throws: Refusal.self) { try asker(headers, stranger) }
            #expect(error?.status == 400)
        }
    }

    @Test(
        "What cannot be an access key is not looked up",
        arguments: [
            "Basic YTpi", "Bearer", "Bearer ", "Bearer a b", "Bearer \u{e9}", "token",
            "Bearer " + String(repeating: "x", count: 513),
        ])
    func noKey(value: String) {
        let error = #expect(throws: Refusal.self) { try asker([("Authorization", value)], stranger) }
        #expect(error?.status == 401)
    }

    @Test("An access key is taken from either header, and replaces the user")
    func presented() throws {
        for headers in [
            [("Authorization", "Bearer keyturn_abc")], [("authorization", "bearer keyturn_abc")],
            [("X-API-Key", "keyturn_abc")],
            [("Authorization", "Bearer keyturn_abc"), ("X-API-Key", "keyturn_abc")],
        ] {
            for (peer, door) in [(stranger, Door.network), (Peer(user: 1000), .socket)] {
                guard case .accessKey(let text) = try asker(headers, peer, door).credential else {
                    Issue.record("no access key")
                    continue
                }
                #expect(text.disclosedText() == "keyturn_abc")
            }
        }
    }

    @Test(
        "A user of a local socket is voided by every sign of a proxy or a page",
        arguments: [
            "Origin", "origin", "Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "x-forwarded-anything",
            "X-Real-IP",
        ])
    func voided(name: String) throws {
        for (user, door) in [(1000, Door.socket), (0, .operatorSocket)] as [(UInt32, Door)] {
            let asker = try asker([(name, "x")], Peer(user: user), door)
            guard case .none = asker.credential else { throw Wrong() }
            #expect(asker.door == .socket)
        }
    }

    @Test("The overflow user and a peer without a user are nobody")
    func overflow() throws {
        for peer in [Peer(user: 65534), Peer()] {
            let asker = try asker([], peer, .operatorSocket)
            guard case .none = asker.credential else { throw Wrong() }
            #expect(asker.door == .socket)
        }
    }

    @Test("The operator's door is for root and for the server's own user")
    func operatorDoor() throws {
        #expect(try asker([], Peer(user: 0), .operatorSocket).door == .operatorSocket)
        #expect(try asker([], Peer(user: 500), .operatorSocket).door == .operatorSocket)
        #expect(try asker([], Peer(user: 501), .operatorSocket).door == .socket)
        #expect(try asker([], Peer(user: 0), .socket).door == .socket)
        guard case .unixUser(let id, _) = try asker([], Peer(user: 501), .socket).credential else { throw Wrong() }
        #expect(id == 501)
    }

    private struct Wrong: Error {}
}

@Suite("The names of a listener")
struct HostNamesTests {
    private let plain = HostNames(own: "127.0.0.1", port: 8200, isTLS: false, allowed: [])
    private let named = HostNames(
        own: "0.0.0.0", port: 8443, isTLS: true, allowed: ["Vault.Example.com", "other.example:9000"])

    @Test(
        "A host that is not ours is refused",
        arguments: [
            "", "evil.example", "evil.example:8200", "localhost", "localhost:8201", "127.0.0.1",
            "localhost:8200.evil.example",
            "localhost:8200@evil", "xlocalhost:8200", "127.0.0.2:8200", "localhost:08200", "localhost.:8200",
            " localhost:8200",
        ])
    func refused(host: String) { #expect(!plain.contains(host)) }

    @Test(
        "Our own names with our own port are ours, in any case",
        arguments: [
            "localhost:8200", "LOCALHOST:8200", "127.0.0.1:8200", "[::1]:8200",
        ])
    func ours(host: String) { #expect(plain.contains(host)) }

    @Test("Names of this host by themselves are ours for a request, and no page's origin")
    func loopback() {
        for host in ["localhost", "LocalHost", "127.0.0.1", "[::1]"] {
            #expect(plain.accepts(host) && named.accepts(host))
            #expect(!plain.contains(host) && !plain.containsOrigin("http://" + host))
        }
        for host in ["", "localhost.", "127.0.0.2", "::1", "localhost:1", "localhost:", "evil.example", "x.localhost"] {
            #expect(!plain.accepts(host), "\(host)")
        }
        #expect(!HostNames(own: nil, port: nil, isTLS: false, allowed: []).accepts("localhost"))
    }

    @Test("A name that the settings allow is ours with the listener's port or none, or with its own")
    func allowed() {
        #expect(named.contains("vault.example.com"))
        #expect(named.contains("VAULT.example.com:8443"))
        #expect(!named.contains("vault.example.com:1"))
        #expect(named.contains("other.example:9000"))
        #expect(!named.contains("other.example"))
    }

    @Test("The port that need not be said need not be said")
    func wellKnownPort() {
        #expect(HostNames(own: "127.0.0.1", port: 80, isTLS: false, allowed: []).contains("localhost"))
        #expect(HostNames(own: "127.0.0.1", port: 443, isTLS: true, allowed: []).contains("localhost"))
        #expect(!HostNames(own: "127.0.0.1", port: 443, isTLS: false, allowed: []).contains("localhost"))
        #expect(HostNames(own: "::1", port: 8200, isTLS: false, allowed: []).contains("[::1]:8200"))
    }

    @Test(
        "Only our own pages are our origin",
        arguments: [
            "null", "", "http://evil.example", "http://localhost", "file://", "http://localhost:8200.evil",
            "localhost:8200",
            "chrome-extension://localhost:8200", "http://localhost:8200/",
        ])
    func origins(origin: String) {
        #expect(!plain.containsOrigin(origin))
        #expect(plain.containsOrigin("http://localhost:8200"))
    }
}

@Suite("Entity tags")
struct EntityTagsTests {
    @Test(
        "What is no list of strong tags is refused",
        arguments: [
            "", "abc", "W/\"a\"", "\"a", "a\"", "\"", "\"a\" \"b\"", "\"a\",", ",\"a\"", "\"a\"b\"", "*, \"a\"",
            "\"a b\"",
            "\"" + String(repeating: "x", count: 200) + "\"",
        ])
    func refused(value: String) {
        #expect(throws: Refusal.self) { try EntityTags(parsing: value, header: "If-Match") }
    }

    @Test("Tags are read without their quotes")
    func read() throws {
        #expect(try EntityTags(parsing: "*", header: "If-Match") == .any)
        #expect(try EntityTags(parsing: "\"a-1\", \"b\"", header: "If-Match") == .these(["a-1", "b"]))
        #expect(EntityTags.quoted("a") == "\"a\"")
        #expect(try EntityTags(parsing: "W/\"a\", \"b\"", header: "If-None-Match") == .these(["a", "b"]))
    }
}
