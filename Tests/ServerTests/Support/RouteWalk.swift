import Audit
import Foundation
import Testing
import Vault

@testable import Server

/// Asks each route of a running server with everything that it needs to succeed, and looks at the lines that it leaves.
final class RouteWalk {
    typealias Operation = Server.Operation

    static let policies = [
        (name: "nothing.yaml", text: "policy: nothing\nrules:\n  - deny: [retrieve]\n    keys: [\"**\"]\n"),
        // Whoever may do nothing with an issuer is not told that a key is there; this one is told that it may not.
        (name: "gateway.yaml", text: "policy: gateway\nrules:\n  - allow: [verify]\n    issuers: [shop]\n"),
    ]

    /// A request that succeeds for an administrator, and what the lines that it leaves say beside kind and action.
    struct Call {
        var parameters: [String: String] = [:]
        var query = ""
        var headers: [String: String] = [:]
        var body: String?
        var key: String?
        var issuer: String?
        var issuedKey: String?
        /// Where the table says that other calls of the route leave nothing.
        var line: DocumentedLine?
        /// Whether it leaves a line for each of several keys that it is about.
        var hasSeveralKeys = false
        /// Whether somebody who may nothing is told so: some calls are anybody's who is known.
        var isRefusable = true
        /// Whether the vault itself is written to have done it, for somebody of whom only a code is known.
        var isSystems = false
        var refused = Person.nobody
    }

    enum Person { case administrator, nobody, gateway }

    private let scene: AuditScene
    private let clock: SteppedClock
    private var texts: [Person: String] = [:]
    private var ids: [Person: String] = [:]
    private static let names: [Person: String] = [
        .administrator: "first administrator", .nobody: "nobody", .gateway: "gateway",
    ]

    init(_ running: RunningServer, _ clock: SteppedClock) throws {
        scene = AuditScene(running, at: running.port)
        self.clock = clock
        texts[.administrator] = try running.initialize()
        ids[.administrator] = try ask(.whoAmI, Call()).json["id"] as? String
        for (person, policy) in [(Person.nobody, "nothing"), (.gateway, "gateway")] {
            let made = try issue("keyturn", #"{"name":"\#(Self.names[person] ?? "")","policies":["\#(policy)"]}"#)
            (texts[person], ids[person]) = (made.text, made.id)
        }
        _ = try done(.createIssuer, Call(body: #"{"name":"shop"}"#))
    }

    // MARK: Asking

    private func ask(_ operation: Operation, _ call: Call, as person: Person? = .administrator) throws -> RawReply {
        var headers = call.headers
        if let text = person.flatMap({ texts[$0] }) { headers["Authorization"] = "Bearer \(text)" }
        return try scene.ask(operation, call.parameters, query: call.query, headers, body: call.body)
    }

    private func done(_ operation: Operation, _ call: Call) throws -> RawReply {
        let reply = try ask(operation, call)
        try #require(reply.status < 400, "\(operation): \(reply.text)")
        return reply
    }

    private func issue(_ issuer: String, _ body: String) throws -> (text: String, id: String) {
        let made = try done(.issueKey, Call(parameters: ["issuer": issuer], body: body))
        return (try #require(made.json["key"] as? String), try #require(made.json["id"] as? String))
    }

    // MARK: Looking

    func checkStranger(_ call: Call, _ route: Route) throws {
        clock.step()
        _ = try scene.news()
        // What an enrolment code opens is asked for by strangers: they hold no code that is one.
        var call = call
        if call.isSystems { call.body = #"{"code":"none"}"# }
        let reply = try ask(route.operation, call, as: nil)
        #expect(reply.status == 401, "\(route.name): \(reply.text)")
        let lines = try scene.news()
        #expect(lines.map(\.brief) == ["request refused request (unauthorized)"], "\(route.name)")
        guard let line = lines.first else { return }
        let saysNothing = [line.caller, line.callerName, line.key, line.issuer, line.issuedKey, line.decision]
            .allSatisfy { $0 == nil }
        #expect(saysNothing && line.callerKind == "stranger", "\(line.line)")
        check(line, call, route)
    }

    func checkRefused(_ call: Call, _ route: Route, _ documented: DocumentedLine) throws {
        let documented = call.line ?? documented
        let reply = try ask(route.operation, call, as: call.refused)
        #expect(reply.status == 403, "\(route.name): \(reply.text)")
        let lines = try scene.news()
        #expect(lines.map(\.brief) == ["request refused \(documented.action) (refused)"], "\(route.name)")
        guard let line = lines.first else { return }
        #expect(line.decision?.count == 16, "\(line.line)")
        if route.method != "HEAD" { #expect(line.decision == reply.json["decision"] as? String, "\(line.line)") }
        checkCaller(line, call.refused)
        #expect(line.key == call.key, "\(line.line)")
        check(line, call, route)
    }

    func checkAllowed(_ call: Call, _ route: Route, _ documented: DocumentedLine) throws {
        let documented = call.line ?? documented
        let reply = try ask(route.operation, call)
        #expect((200..<300).contains(reply.status), "\(route.name): \(reply.text)")
        // What Keyturn does by itself afterwards has no route.
        let lines = try scene.news().filter { $0.callerKind != "system" || $0.route != nil }
        let expected = "\(documented.kind ?? "-") \(documented.action)"
        if call.hasSeveralKeys {
            #expect(
                Set(lines.map(\.brief)) == [expected] && Set(lines.map(\.key)).count == lines.count, "\(route.name)")
        } else {
            #expect(lines.map(\.brief) == [expected], "\(route.name)")
        }
        guard let line = lines.first else { return }
        if call.isSystems { #expect(line.callerKind == "system") } else { checkCaller(line, .administrator) }
        if !call.hasSeveralKeys { #expect(line.key == call.key, "\(line.line)") }
        #expect(line.code == nil && line.decision == nil, "\(line.line)")
        if let issuer = call.issuer { #expect(line.issuer == issuer, "\(line.line)") }
        if let id = call.issuedKey { #expect(line.issuedKey == id, "\(line.line)") }
        #expect((line.generation != nil) == (line.kind == "intent"), "\(line.line)")
        check(line, call, route)
    }

    private func checkCaller(_ line: AuditRecord, _ person: Person) {
        let isTheirs =
            line.callerKind == "access_key" && line.caller == ids[person] && line.callerName == Self.names[person]
        #expect(isTheirs, "\(line.line)")
    }

    private func check(_ line: AuditRecord, _ call: Call, _ route: Route) {
        let address = call.headers["X-Forwarded-For"] ?? "127.0.0.1"
        #expect(line.route == route.name && line.address == address && line.duration != nil, "\(line.line)")
    }
}

extension RouteWalk {
    /// What succeeds at a route, with everything there that it needs; nil for the routes that ask for nobody.
    func call(_ operation: Operation) async throws -> Call? {
        let path = "walk/\(operation.rawValue)"
        let onKey = Call(parameters: ["path": path], key: path)
        func put(_ rotation: String = "") throws {
            _ = try done(
                .putKey, Call(parameters: ["path": path], body: #"{"fields":{"value":"v"}\#(rotation)}"#))
        }
        func putRotated(_ rotator: String) throws {
            try put(#","rotation":{"rotator":"\#(rotator)","every":"90d","overlap":"24h"}"#)
        }
        func onSlot(_ number: Int) throws -> Call {
            let leave = try done(.authorize, Call(body: RunningServer.passphrase)).json["authorization"] as? String
            return Call(parameters: ["number": "\(number)"], headers: ["Keyturn-Authorization": leave ?? ""])
        }
        /// The call on a key of the shop, and its text.
        func onIssued(_ body: String? = nil) throws -> (call: Call, text: String) {
            let made = try issue("shop", #"{"name":"customer","owner":"\#(operation.rawValue)"}"#)
            let parameters = ["issuer": "shop", "id": made.id]
            return (
                Call(parameters: parameters, body: body, issuer: "shop", issuedKey: made.id, refused: .gateway),
                made.text
            )
        }
        let ofShop = Call(parameters: ["issuer": "shop"], issuer: "shop")
        var call = Call()
        switch operation {
        case .status, .health, .openAPI, .page: return nil
        case .initialize, .confirm, .unseal, .seal, .recoverAccess: return nil
        case .whoAmI: call.isRefusable = false
        case .authorize: call.body = RunningServer.passphrase
        case .listSlots, .rotateKeyring, .rewrapKeyring, .verifyStore: break
        case .putSlot:
            call = try onSlot(2)
            call.body = "another passphrase"
        case .newRecoveryCode: call = try onSlot(3)
        case .removeSlot: call = try onSlot(3)
        case .rekey: call.headers = try onSlot(0).headers
        case .listKeys, .listRotations: break
        case .importKeys:
            call = Call(body: #"{"keys":[{"path":"\#(path)","fields":{"value":"v"}}]}"#, key: path)
        case .putKey:
            call = onKey
            call.body = #"{"fields":{"value":"v"}}"#
        case .editKey:
            try put()
            call = onKey
            call.body = #"{"name":"n"}"#
        case .inspectKey, .deleteKey, .destroyKey, .retrieveValue:
            try put()
            call = onKey
        case .restoreKey:
            try put()
            _ = try done(.deleteKey, onKey)
            call = onKey
        case .rotateKey, .planRotation, .pauseRotation, .acknowledgeKey:
            try putRotated("generate")
            call = onKey
        case .unpauseRotation:
            try putRotated("generate")
            _ = try done(.pauseRotation, onKey)
            call = onKey
        case .rollBackRotation:
            try putRotated("generate")
            _ = try done(.rotateKey, onKey)
            call = onKey
        case .resumeRotation, .abortRotation:
            try putRotated("unreachable")
            _ = try done(.rotateKey, onKey)
            await scene.running.vault.rotationsAtRest()
            call = onKey
        case .confirmTime: break
        case .rotationsWereRestored: call.hasSeveralKeys = true
        case .retrieveValues:
            try put()
            call = Call(body: #"{"keys":[{"path":"\#(path)"}]}"#, key: path)
        case .listIssuers, .findIssuedKeys:
            if operation == .findIssuedKeys { call.body = #"{"key":"shop_0000"}"# }
        case .createIssuer: call = Call(body: #"{"name":"other"}"#, issuer: "other")
        case .inspectIssuer, .listIssuedKeys: call = ofShop
        case .editIssuer:
            call = ofShop
            call.body = #"{"description":"d"}"#
        case .deleteIssuer:
            _ = try done(.createIssuer, Call(body: #"{"name":"leaving"}"#))
            call = Call(parameters: ["issuer": "leaving"], issuer: "leaving")
        case .issueKey:
            call = ofShop
            call.body = #"{"name":"customer"}"#
        case .importIssuedKeys:
            call = ofShop
            call.body = #"{"keys":[{"name":"old","sha256":"\#(String(repeating: "ab", count: 32))"}]}"#
        case .revokeIssuedKeys:
            _ = try onIssued()
            call = ofShop
            call.body = #"{"owner":"\#(operation.rawValue)"}"#
        case .inspectIssuedKey, .revokeIssuedKey, .disableIssuedKey, .enableIssuedKey, .rollIssuedKey:
            call = try onIssued().call
        case .verifyKey, .verifyKeys, .checkKey, .checkKeyHead:
            let (made, text) = try onIssued()
            call = Call(issuer: "shop", issuedKey: made.issuedKey)
            switch operation {
            case .verifyKey: call.body = #"{"key":"\#(text)"}"#
            case .verifyKeys: call.body = #"{"keys":[{"key":"\#(text)"}]}"#
            default: call.headers = ["Keyturn-Key": text]
            }
        case .enrol: call = Call(body: #"{"name":"new","policies":["nothing"]}"#, issuer: "keyturn")
        case .listEnrolments: call.issuer = "keyturn"
        case .cancelEnrolment:
            let made = try done(.enrol, Call(body: #"{"name":"new","policies":["nothing"]}"#))
            call = Call(parameters: ["id": made.json["id"] as? String ?? ""], issuer: "keyturn")
        case .exchangeEnrolment:
            let made = try done(.enrol, Call(body: #"{"name":"new","policies":["nothing"]}"#))
            call = Call(body: #"{"code":"\#(made.json["code"] as? String ?? "")"}"#, issuer: "keyturn")
            (call.isSystems, call.isRefusable) = (true, false)
        case .rollOwnKey: call = Call(issuer: "keyturn", issuedKey: ids[.administrator])
        case .listPolicies, .reloadPolicies: break
        case .explainDecision:
            let refused = try ask(.listSlots, Call(), as: .nobody)
            call = Call(parameters: ["id": refused.json["decision"] as? String ?? ""])
        case .usage, .auditCheckpoint, .verifyAudit, .searchAudit: break
        // On this host they are anybody's.
        case .metrics:
            call.headers = ["X-Forwarded-For": "192.0.2.9"]
            call.line = DocumentedLine(kind: "request", action: "metrics")
        }
        return call
    }
}
