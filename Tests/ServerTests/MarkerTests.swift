import Audit
import Foundation
import Testing
import Vault

@testable import Server

@Suite("No secret reaches a log, a metric, an error or the audit log", .timeLimit(.minutes(20)))
struct MarkerTests {
    /// A secret that no path, name of an issuer, word or number can be, and one that can be a name.
    private static let markers = ["sk_live_MARKER~f00d/=+", "MARKERf00d"]

    /// Where a path or the name of an issuer stands, which the audit log names by design.
    private static let named: Set<String> = ["path", "key", "prefix", "issuer", "name"]

    /// Headers that a client might send, and where somebody might put a secret by mistake. Those that a call lists are
    /// sent to that one, too.
    private static let headers = ["Authorization", "X-API-Key", "Content-Type", "Origin", "Expect", "Upgrade"]

    /// Headers that are all looked at in the same way, or by no call but those that list them: one request with all of them is
    /// answered as one with each is.
    private static let together = [
        ["Via", "Forwarded", "X-Forwarded-For", "X-Real-IP"],
        [
            "Proxy-Authorization", "Cookie", "User-Agent", "Referer", "Accept", "Accept-Language", "Content-Encoding",
            "If-Modified-Since", "Range", "X-Request-Id", "Traceparent", "Keyturn-Request", "X-MARKER-Name",
            "If-Match", "If-None-Match", "Keyturn-Authorization", "Keyturn-Init-Token", "Keyturn-Key",
            "Keyturn-Network", "Keyturn-Scope",
        ],
    ]
    /// Calls that are sent each of those alone all the same: one without a body, one of the lane, one with JSON, one with a
    /// passphrase.
    private static let sentEach: Set<Server.Operation> = [.inspectKey, .retrieveValue, .putKey, .authorize]
    /// Calls whose answers grow with what was asked before come first, to be small.
    private static let first: [Server.Operation] = [.verifyAudit, .metrics, .searchAudit]

    @Test("A marker in every field, type, parameter and header of every route is nowhere but in answers that succeed")
    func everywhere() async throws {
        try await RunningServer.run(
            policies: [("nothing.yaml", "policy: nothing\nrules:\n  - deny: [retrieve]\n    keys: [\"**\"]\n")]
        ) { running in
            let administrator = try running.initialize()
            let made = try running.client(running.socket).ask(
                "POST", "/v1/issuers/keyturn/keys", ["Authorization": "Bearer \(administrator)"],
                body: #"{"name":"nobody","policies":["nothing"]}"#)
            let nobody = try #require(made.json["key"] as? String)
            let routes =
                RouteTable.routes.filter { Self.first.contains($0.operation) }
                + RouteTable.routes.filter { !Self.first.contains($0.operation) && $0.operation != .seal }
            let senders = try await withThrowingTaskGroup(of: (sent: Int, problems: Int, leaks: [String]).self) {
                group in
                // Several at a time: what one waits for the others do not.
                for turn in 0..<4 {
                    group.addTask(executorPreference: BlockingThread.shared) {
                        let sender = Sender(running)
                        for (place, route) in routes.enumerated() where place % 4 == turn {
                            try sender.send(route, as: [administrator, nobody])
                        }
                        return (sender.sent, sender.problems, sender.leaks)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let (sent, problems) = senders.reduce((0, 0)) { ($0.0 + $1.sent, $0.1 + $1.problems) }
            #expect(sent > 5_000 && problems > 3_000, "\(sent), \(problems)")
            #expect(senders.flatMap(\.leaks).isEmpty, "\(senders.flatMap(\.leaks).prefix(10))")
            let metrics = try running.client(running.socket).ask("GET", "/v1/metrics").text
            await running.vault.sealAtEnd()
            let places = [("metrics", metrics), ("log", running.log.text), ("audit", running.auditText)]
            for (place, text) in places {
                let line = text.split(separator: "\n").first { $0.contains("MARKER") }
                #expect(line == nil, "\(place)")
                for secret in [administrator, nobody] {
                    #expect(!text.contains(secret.dropFirst(20)), "\(place)")
                }
            }
            // All three say something of what was asked, and would show what was in it.
            #expect(metrics.contains("keyturn_http_requests_total{route=\"PUT /v1/keys/{path}\""))
            #expect(running.log.text.contains("\"route\": /v1/keys/{path}"))
            #expect(running.auditText.contains("\"route\":\"PUT /v1/keys/{path}\""))
        }
    }

    @Test("The search would find one: a path is in the audit log, and an answer that succeeds is not looked at")
    func canFail() async throws {
        try await RunningServer.run { running in
            let key = try running.initialize()
            let sender = Sender(running)
            try sender.send(
                Request(method: "PUT", target: "/v1/keys/MARKER", body: #"{"fields":{"value":"v"}}"#), as: key)
            try sender.send(Request(method: "GET", target: "/v1/keys/MARKER"), as: key)
            #expect(sender.leaks.isEmpty && sender.sent == 2 && sender.problems == 0)
            #expect(running.auditText.contains("MARKER"))
            // A problem that repeats something is told.
            try sender.send(
                Request(method: "POST", target: "/v1/values", body: #"{"keys":[{"path":"MARKERx"}]}"#), as: key)
            #expect(sender.leaks.count == 1 && sender.problems == 1)
        }
    }
}

extension MarkerTests {
    private struct Request {
        var method: String
        var target: String
        var headers: [String: String] = [:]
        var body: String?
    }

    /// Sends requests, and keeps those whose refusal repeats a marker.
    private final class Sender {
        private let running: RunningServer
        private var client: RawClient?
        private(set) var sent = 0
        private(set) var problems = 0
        private(set) var leaks: [String] = []

        init(_ running: RunningServer) { self.running = running }

        /// All requests of the route: as each of those, with a wrong key and with none.
        func send(_ route: Route, as callers: [String]) throws {
            for marker in MarkerTests.markers {
                for request in MarkerTests.requests(route, marker) {
                    for key in callers.map(Optional.some) + ["keyturn_\(marker)", nil] {
                        try send(request, as: key)
                    }
                }
            }
        }

        func send(_ request: Request, as key: String?) throws {
            var headers = request.headers
            if headers["Host"] == nil { headers["Host"] = "localhost:\(running.addresses.port ?? 0)" }
            if headers["Authorization"] == nil, let key { headers["Authorization"] = "Bearer \(key)" }
            let client = try client ?? running.client()
            let reply = try client.ask(request.method, request.target, headers, body: request.body)
            self.client = reply.closes ? nil : client
            sent += 1
            guard reply.status >= 400 else { return }
            problems += 1
            if reply.everything.contains("MARKER") {
                leaks.append(
                    "\(request.method) \(request.target) \(request.headers) \(request.body ?? ""): \(reply.everything)")
            }
        }
    }

    /// Requests of the route with the marker in one place each.
    private static func requests(_ route: Route, _ marker: String) -> [Request] {
        let isName = marker.allSatisfy { $0.isLetter || $0.isNumber }
        var target = route.template
        for (name, value) in ["path": "some/key", "issuer": "keyturn", "id": "AAAAAAAAAAAA", "number": "2"] {
            target = target.replacingOccurrences(of: "{\(name)}", with: value)
        }
        let encoded = marker.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? marker
        let plain = body(route, { $0.sample })
        func request(_ body: String?, query: String = "", _ headers: [String: String] = [:]) -> Request {
            Request(method: route.method, target: target + query, headers: headers, body: body)
        }
        var requests = [request(plain, query: "?\(encoded)=\(encoded)")]
        for name in route.queryNames where !(isName && named.contains(name)) {
            requests.append(request(plain, query: "?\(name)=\(encoded)"))
        }
        let own = route.headers.map(\.name)
        let groups = together.map { group in group.filter { !own.contains($0) } }
        for name in headers + own + (sentEach.contains(route.operation) ? groups.flatMap(\.self) : []) {
            requests.append(request(plain, [name: marker]))
        }
        for group in groups { requests.append(request(plain, Dictionary(group.map { ($0, marker) }) { $1 })) }
        switch route.body {
        case .none, .form: requests.append(request(marker))
        case .secret:
            requests.append(request(marker))
            requests.append(
                request(
                    "passphrase=\(encoded)&\(encoded)=1", ["Content-Type": "application/x-www-form-urlencoded"]))
        case .json(let schema, _, _, _):
            requests += texts(.named(schema), marker, isName).map { request($0) }
            requests += [marker, "\"\(marker)\"", "[\"\(marker)\"]", "{\"\(marker)\":\"\(marker)\"", "{}\(marker)"]
                .map { request($0) }
        }
        return requests
    }

    private static func body(_ route: Route, _ sample: (Schema) -> String) -> String? {
        switch route.body {
        case .none, .form: nil
        case .secret: "a passphrase"
        case .json(let schema, _, _, _): sample(.named(schema))
        }
    }

    /// Texts of the schema that are as they should be but for the marker in one place.
    private static func texts(_ schema: Schema, _ marker: String, _ isName: Bool) -> [String] {
        let wrong = ["\"\(marker)\"", "[\"\(marker)\"]", "{\"\(marker)\":\"\(marker)\"}"]
        switch schema {
        case .named(let name): return Schemas.all[name].map { texts($0, marker, isName) } ?? []
        case .optional(let inner): return texts(inner, marker, isName)
        case .string, .integer, .boolean, .words: return wrong
        case .array(let element): return wrong + texts(element, marker, isName).map { "[\($0)]" }
        case .map(let value):
            return wrong + texts(value, marker, isName).map { "{\"value\":\($0)}" }
        case .object(let properties):
            let others = properties.filter(\.isRequired)
            var all = wrong
            for property in properties where !(isName && named.contains(property.name)) {
                for text in texts(property.schema, marker, isName) {
                    let members = others.filter { $0.name != property.name }
                        .map { "\"\($0.name)\":\($0.schema.sample)" }
                    all.append("{" + (members + ["\"\(property.name)\":\(text)"]).joined(separator: ",") + "}")
                }
            }
            let members = others.map { "\"\($0.name)\":\($0.schema.sample)" }
            all.append("{" + (members + ["\"\(marker)\":\"\(marker)\""]).joined(separator: ",") + "}")
            return all
        }
    }
}

extension Schema {
    /// A text that has the schema's form, with nothing more than it needs.
    fileprivate var sample: String {
        switch self {
        case .named(let name): Schemas.all[name]?.sample ?? "{}"
        case .optional(let inner): inner.sample
        case .string(let format): format == nil ? "\"text\"" : "\"2030-01-01T00:00:00Z\""
        case .integer: "1"
        case .boolean: "true"
        case .words(let words): "\"\(words[0])\""
        case .array(let element): "[\(element.sample)]"
        case .map(let value): "{\"value\":\(value.sample)}"
        case .object(let properties):
            "{" + properties.filter(\.isRequired).map { "\"\($0.name)\":\($0.schema.sample)" }.joined(separator: ",")
                + "}"
        }
    }
}
