import FakeServer
import Rotation
import Synchronization
import Testing

@testable import Rotators

/// How one public API behaves, from its documentation. In the texts, `ID`, `VALUE` and `NAME` stand for a key's own.
struct ProviderShape: Sendable, CustomTestStringConvertible {
    enum Presented: Sendable {
        case bearer
        case header(String)
        /// A pair, of which the key's id is the user.
        case basic
    }
    enum Paging: Sendable {
        case none
        case pages(page: String, size: String, first: Int)
        case after
    }

    var provider: String
    var settings: [String: String] = [:]
    var fields = ["id", "value"]
    /// Whether another key makes the keys.
    var manager = true
    var presented = Presented.bearer
    /// Where the manager's own secret stands, if not where a key's does.
    var managerHeader: String?
    var create: String
    /// What the body of a creation must hold.
    var bodyHolds: [String] = []
    var created: (status: Int, body: String)
    var test: String
    /// Whether the manager asks about a key, rather than the key itself.
    var testIsByManager = false
    var tested: String
    var list: String
    var listed: (wrap: String, item: String)
    var paging = Paging.none
    var retire: String
    var retired: (status: Int, body: String)
    var refusal: (status: Int, body: String)

    var testDescription: String { provider }
    var idField: String { fields[0] }
}

/// A server that behaves as a shape says, keeps keys, and can be told to misbehave.
final class FakeProvider: Sendable {
    enum Mood: Sendable {
        case good
        /// Does what is asked and closes the connection without a word.
        case silent
        /// Answers 500 and has done it, or not.
        case broken(afterEffect: Bool)
        case busy
    }
    private struct State {
        var keys: [(id: String, value: String, name: String)] = [("old1", "old-value", "by hand")]
        var mood = Mood.good
        var made = 0
    }

    let shape: ProviderShape
    private let state = Mutex(State())

    init(_ shape: ProviderShape) { self.shape = shape }

    var ids: [String] { state.withLock { $0.keys.map(\.id) } }
    func become(_ mood: Mood) { state.withLock { $0.mood = mood } }
    /// Adds keys that nobody here made, so that a list has several pages.
    func crowd(_ count: Int) {
        state.withLock { state in
            for number in 0..<count { state.keys.append(("other\(number)", "x\(number)", "somebody's")) }
        }
    }

    func answer(_ request: FakeRequest) -> FakeReply {
        state.withLock { state in
            switch state.mood {
            case .good: break
            case .busy: return .status(429, #"{"error":"slow down"}"#, headers: [("Retry-After", "7")])
            case .broken(afterEffect: false): return .status(500, "<html>oops</html>")
            case .broken(afterEffect: true):
                _ = serve(request, &state)
                return .status(502, "")
            case .silent:
                _ = serve(request, &state)
                return .cut
            }
            return serve(request, &state)
        }
    }

    private func serve(_ request: FakeRequest, _ state: inout State) -> FakeReply {
        let refusal = FakeReply.status(shape.refusal.status, shape.refusal.body)
        if request.route == shape.create {
            guard isManager(request, state) else { return refusal }
            guard let name = Self.name(in: request.body), shape.bodyHolds.allSatisfy(request.body.contains) else {
                return .status(400, #"{"error":"bad request"}"#)
            }
            state.made += 1
            let key = (id: "\(1000 + state.made)", value: "new-value-\(state.made)", name: name)
            state.keys.append(key)
            return .status(shape.created.status, fill(shape.created.body, key))
        }
        if request.route == shape.list, !(request.route == shape.test && request.query["limit"] == "1") {
            guard isManager(request, state) else { return refusal }
            return .status(200, page(request, state))
        }
        for key in state.keys {
            if request.route == fill(shape.retire, key) {
                guard isManager(request, state) else { return refusal }
                state.keys.removeAll { $0.id == key.id }
                return .status(shape.retired.status, shape.retired.body)
            }
            if request.route == fill(shape.test, key),
                shape.testIsByManager ? isManager(request, state) : isKey(request, key)
            {
                return .status(200, fill(shape.tested, key))
            }
        }
        if request.route == shape.test { return refusal }
        return .status(404, #"{"error":"not found"}"#)
    }

    private func page(_ request: FakeRequest, _ state: State) -> String {
        var keys = state.keys[...]
        var more = false
        switch shape.paging {
        case .none: break
        case .pages(let page, let size, let first):
            let length = Int(request.query[size] ?? "") ?? 1
            keys = keys.dropFirst(((Int(request.query[page] ?? "") ?? first) - first) * length).prefix(length)
        case .after:
            if let after = request.query["after"], let place = keys.firstIndex(where: { $0.id == after }) {
                keys = keys[(place + 1)...]
            }
            let length = Int(request.query["limit"] ?? "") ?? 20
            more = keys.count > length
            keys = keys.prefix(length)
        }
        return shape.listed.wrap
            .replacing("ITEMS", with: keys.map { fill(shape.listed.item, $0) }.joined(separator: ","))
            .replacing("LAST", with: keys.last?.id ?? "").replacing("MORE", with: "\(more)")
    }

    private func isManager(_ request: FakeRequest, _ state: State) -> Bool {
        if let header = shape.managerHeader { return request.header(header) == "manager-value" }
        if shape.manager { return isKey(request, ("manager", "manager-value", "")) }
        return state.keys.contains { isKey(request, $0) }
    }

    private func isKey(_ request: FakeRequest, _ key: (id: String, value: String, name: String)) -> Bool {
        switch shape.presented {
        case .bearer: request.header("authorization") == "Bearer \(key.value)"
        case .header(let name): request.header(name) == key.value
        case .basic: request.header("authorization") == "Basic \(Base64.encode(Array("\(key.id):\(key.value)".utf8)))"
        }
    }

    private func fill(_ text: String, _ key: (id: String, value: String, name: String)) -> String {
        text.replacing("ID", with: key.id).replacing("VALUE", with: key.value).replacing("NAME", with: key.name)
    }

    private static func name(in body: String) -> String? {
        body.firstMatch(of: /keyturn-[0-9a-f]{16}-[0-9a-f]{32}/).map { String($0.output) }
    }
}
