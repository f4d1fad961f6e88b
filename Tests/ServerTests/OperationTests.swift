import Foundation
import SecretMemory
import Synchronization
import Testing
import Vault

@testable import Server

@Suite("Calls", .timeLimit(.minutes(20)))
struct OperationTests {
    private let policies: [(name: String, text: String)] = [
        (
            "payments.yaml",
            """
            policy: payments
            description: What the payments service needs.
            rules:
              - allow: [retrieve]
                keys: ["payments/**"]
            callers:
              unix-users: [payments]
            """
        )
    ]

    @Test("A key is stored, guarded by its tag, read, revalidated, changed, deleted, restored and destroyed")
    func keys() async throws {
        try await RunningServer.run { running in
            let auth = ["Authorization": "Bearer \(try running.initialize())"]
            let client = try running.client(running.socket)
            let made = try client.ask(
                "PUT", "/v1/keys/payments/stripe", auth.merging(["If-None-Match": "*"]) { $1 },
                body: #"{"fields":{"value":"sk_test_\u00e9\"<b>"},"name":"<script>","tags":["live"]}"#)
            #expect(made.status == 201)
            #expect(!made.text.contains("sk_test_é"))
            let tag = try #require(made["ETag"])
            let again = try client.ask(
                "PUT", "/v1/keys/payments/stripe", auth.merging(["If-None-Match": "*"]) { $1 },
                body: #"{"fields":{"value":"x"}}"#)
            #expect(again.status == 412)
            #expect(again.code == "precondition_failed")
            let value = try client.ask("GET", "/v1/values/payments/stripe", auth)
            #expect((value.json["fields"] as? [String: String])?["value"] == "sk_test_é\"<b>")
            #expect(value.json["version"] as? Int == 1)
            #expect(value["Cache-Control"] == "no-store")
            let valueTag = try #require(value["ETag"])
            let same = try client.ask(
                "GET", "/v1/values/payments/stripe", auth.merging(["If-None-Match": valueTag]) { $1 })
            #expect(same.status == 304)
            #expect(same.body.isEmpty)
            #expect(same["ETag"] == valueTag)
            for tag in ["W/\(valueTag)", "\"other\", W/\(valueTag)"] {
                let headers = auth.merging(["If-None-Match": tag]) { $1 }
                #expect(try client.ask("GET", "/v1/values/payments/stripe", headers).status == 304, "\(tag)")
            }
            // Whoever has nothing yet is answered at once; a parameter without a value was not chosen.
            for query in ["?wait=60s", "?version=&stage=&field=&wait="] {
                #expect(try client.ask("GET", "/v1/values/payments/stripe\(query)", auth).status == 200, "\(query)")
            }
            let lists = try client.ask("GET", "/v1/keys?prefix=&query=&tag=&state=&due_before=&limit=&cursor=", auth)
            #expect((lists.json["keys"] as? [Any])?.count == 1)
            let second = try client.ask(
                "PUT", "/v1/keys/payments/stripe", auth.merging(["If-Match": tag]) { $1 },
                body: #"{"fields":{"value":"second"},"overlap":"1h"}"#)
            #expect(second.status == 200)
            let stale = try client.ask(
                "PATCH", "/v1/keys/payments/stripe", auth.merging(["If-Match": tag]) { $1 }, body: #"{"name":null}"#)
            #expect(stale.status == 412)
            // The tag of a value stands for the version that it is of.
            for (tag, status) in [(valueTag, 412), ("W/\(valueTag)", 400)] {
                let put = try running.client(running.socket).ask(
                    "PUT", "/v1/keys/payments/stripe", auth.merging(["If-Match": tag]) { $1 },
                    body: #"{"fields":{"value":"third"}}"#)
                #expect(put.status == status)
            }
            let now = try #require(try client.ask("GET", "/v1/values/payments/stripe", auth)["ETag"])
            #expect(
                try client.ask(
                    "PATCH", "/v1/keys/payments/stripe", auth.merging(["If-Match": now]) { $1 },
                    body: #"{"description":"seen"}"#
                ).status == 200)
            #expect(
                try client.ask("PATCH", "/v1/keys/payments/stripe", auth, body: #"{"name":null}"#).json["name"]
                    as? String == "")
            let previous = try client.ask("GET", "/v1/values/payments/stripe?stage=previous", auth)
            #expect(previous.json["version"] as? Int == 1)
            #expect(try client.ask("GET", "/v1/values/payments/stripe?version=9", auth).code == "no_such_version")
            let list = try client.ask("GET", "/v1/keys?prefix=payments/&limit=1000000", auth)
            #expect((list.json["keys"] as? [[String: Any]])?.count == 1)
            #expect(!list.text.contains("second"))
            #expect(try client.ask("DELETE", "/v1/keys/payments/stripe", auth).json["state"] as? String == "trashed")
            #expect(try client.ask("GET", "/v1/values/payments/stripe", auth).code == "in_trash")
            #expect(try client.ask("POST", "/v1/keys/payments/stripe:restore", auth).status == 200)
            #expect(try client.ask("POST", "/v1/keys/payments/stripe:destroy", auth).json["destroyed"] as? Bool == true)
            #expect(try client.ask("GET", "/v1/keys/payments/stripe", auth).code == "not_found")
        }
    }

    @Test("Storing at a path that lies in the trash is a conflict that says what helps; whoever asks finds nothing")
    func inTheWay() async throws {
        try await RunningServer.run { running in
            let auth = ["Authorization": "Bearer \(try running.initialize())"]
            let client = try running.client(running.socket)
            let body = #"{"fields":{"value":"x"}}"#
            #expect(try client.ask("PUT", "/v1/keys/a/b", auth, body: body).status == 201)
            #expect(try client.ask("DELETE", "/v1/keys/a/b", auth).status == 200)
            let many = #"{"keys":[{"path":"a/b","fields":{"value":"y"}}],"replace":REPLACE}"#
            let replies = [
                try client.ask("PUT", "/v1/keys/a/b", auth, body: body),
                try client.ask("POST", "/v1/keys:import", auth, body: many.replacing("REPLACE", with: "true")),
                try client.ask("POST", "/v1/keys:import", auth, body: many.replacing("REPLACE", with: "false")),
            ]
            for reply in replies {
                #expect(reply.status == 409 && reply.json["status"] as? Int == 409)
                #expect(reply.code == "in_trash" && reply.json["field"] as? String == "a/b")
                #expect((reply.json["detail"] as? String)?.contains("restore or destroy it first") == true)
            }
            for (method, body) in [("GET", nil), ("DELETE", nil), ("PATCH", #"{"name":"n"}"#)] as [(String, String?)] {
                let target = method == "GET" ? "/v1/values/a/b" : "/v1/keys/a/b"
                let reply = try client.ask(method, target, auth, body: body)
                #expect(reply.status == 404 && reply.code == "in_trash")
            }
            // A user of the socket whom no policy names may not write there, and is not told.
            #expect(try running.client(running.socket).ask("PUT", "/v1/keys/a/b", body: body).status == 403)
        }
    }

    @Test("An import tells new keys from those that were there")
    func imported() async throws {
        try await RunningServer.run { running in
            let auth = ["Authorization": "Bearer \(try running.initialize())"]
            let client = try running.client(running.socket)
            func bring(_ paths: [String]) throws -> RawReply {
                let keys = paths.map { #"{"path":"\#($0)","fields":{"value":"same"}}"# }.joined(separator: ",")
                return try client.ask("POST", "/v1/keys:import", auth, body: #"{"keys":[\#(keys)],"replace":true}"#)
            }
            let first = try bring(["b", "a"])
            #expect(first.json["created"] as? [String] == ["b", "a"] && first.json["replaced"] as? [String] == [])
            // What is the same as before is a new version all the same.
            let second = try bring(["c", "a", "b"])
            #expect(second.json["created"] as? [String] == ["c"] && second.json["replaced"] as? [String] == ["a", "b"])
            #expect(try client.ask("GET", "/v1/keys/a", auth).json["current"] as? Int == 2)
        }
    }

    @Test("A pending version is refused by its stage in the same words, whether there is one or not and whoever asks")
    func pendingStage() async throws {
        try await RunningServer.run { running in
            let auth = ["Authorization": "Bearer \(try running.initialize())"]
            let client = try running.client(running.socket)
            #expect(try client.ask("PUT", "/v1/keys/a", auth, body: #"{"fields":{"value":"x"}}"#).status == 201)
            var details: Set<String> = []
            for (path, headers) in [("a", auth), ("none", auth), ("a", [:])] {
                let reply = try client.ask("GET", "/v1/values/\(path)?stage=pending", headers)
                #expect(reply.status == 400 && reply.code == "invalid_field")
                #expect(reply.json["field"] as? String == "stage")
                details.insert(reply.json["detail"] as? String ?? "")
            }
            let only = "`stage` is one of `current`, `previous`"
            #expect(details == [only + "; a pending version is handed out once it is current"])
            let other = try client.ask("GET", "/v1/values/a?stage=none", auth)
            #expect(other.json["detail"] as? String == only)
            for stage in ["pending", "none"] {
                let body = #"{"keys":[{"path":"a","stage":"\#(stage)"}]}"#
                let reply = try client.ask("POST", "/v1/values", auth, body: body)
                #expect(reply.status == 400 && reply.json["field"] as? String == "keys[0].stage")
                #expect((reply.json["detail"] as? String)?.contains("one of `current`, `previous`") == true)
            }
        }
    }

    @Test("On every list, a limit of nothing or less is capped at one item, and a large one at a page")
    func limits() async throws {
        try await RunningServer.run { running in
            let auth = ["Authorization": "Bearer \(try running.initialize())"]
            let client = try running.client(running.socket)
            for name in ["first", "second"] {
                let body = #"{"fields":{"value":"x"},"rotation":{"rotator":"generate","every":"30d"}}"#
                #expect(try client.ask("PUT", "/v1/keys/apps/\(name)", auth, body: body).status == 201)
                let issuer = #"{"name": "\#(name)"}"#
                #expect(try client.ask("POST", "/v1/issuers", auth, body: issuer).status == 201)
                let access = #"{"name": "\#(name)", "policies": ["administrator"], "lifetime": "1d"}"#
                #expect(try client.ask("POST", "/v1/issuers/keyturn/keys", auth, body: access).status == 201)
            }
            let lists = RouteTable.routes.filter { $0.query.contains(.limit) }
            #expect(lists.count >= 6)
            for list in lists {
                let path = list.template.replacing("{issuer}", with: "keyturn")
                let more = list.operation == .usage ? ["top=keys&", "unused=1d&", "expiring=30d&"] : [""]
                for query in more {
                    func items(_ limit: String) throws -> Int? {
                        let reply = try client.ask("GET", "\(path)?\(query)limit=\(limit)", auth)
                        #expect(reply.status == 200, "\(path)?\(query)limit=\(limit): \(reply.text)")
                        return reply.json.values.compactMap { ($0 as? [Any])?.count }.max()
                    }
                    let all = try items("1000000")
                    for small in ["0", "-1", "-99999999999999999999"] {
                        #expect(try items(small) == min(all ?? 0, 1), "\(path)?\(query)limit=\(small)")
                    }
                    for large in ["1000", "99999999999999999999"] { #expect(try items(large) ?? 0 >= all ?? 0) }
                    for wrong in ["x", "1.5", "-", "--1", "%2B1", "1e3"] {
                        let reply = try client.ask("GET", "\(path)?\(query)limit=\(wrong)", auth)
                        #expect(reply.status == 400 && reply.json["field"] as? String == "limit", "\(path) \(wrong)")
                    }
                }
            }
        }
    }

    @Test("Markup in a name stays inert: replies are JSON that nobody may take for anything else")
    func markup() async throws {
        try await RunningServer.run { running in
            let auth = ["Authorization": "Bearer \(try running.initialize())"]
            let client = try running.client(running.socket)
            let body = #"{"fields":{"value":"x"},"name":"<img src=x onerror=alert(1)>","description":"</script>"}"#
            let reply = try client.ask("PUT", "/v1/keys/a", auth, body: body)
            #expect(reply.json["name"] as? String == "<img src=x onerror=alert(1)>")
            for reply in [reply, try client.ask("GET", "/v1/keys", auth)] {
                #expect(reply["Content-Type"] == "application/json")
                #expect(reply["X-Content-Type-Options"] == "nosniff")
            }
        }
    }

    @Test("A path that is there and one that is not look the same to those who may see neither")
    func noOracle() async throws {
        try await RunningServer.run(policies: policies) { running in
            let auth = ["Authorization": "Bearer \(try running.initialize())"]
            let client = try running.client(running.socket)
            #expect(try client.ask("PUT", "/v1/keys/secret/a", auth, body: #"{"fields":{"value":"x"}}"#).status == 201)
            let issued = try client.ask(
                "POST", "/v1/issuers/keyturn/keys", auth,
                body: #"{"name":"app","policies":["payments"],"lifetime":"90d"}"#)
            #expect(issued.status == 201)
            let app = ["Authorization": "Bearer \(try #require(issued.json["key"] as? String))"]
            for call in ["GET /v1/values/", "GET /v1/keys/", "DELETE /v1/keys/"] {
                let parts = call.split(separator: " ").map(String.init)
                let there = try client.ask(parts[0], parts[1] + "secret/a", app)
                let nowhere = try client.ask(parts[0], parts[1] + "secret/b", app)
                #expect(there.status == 403 && nowhere.status == 403)
                #expect(there.json["missing"] as? String == nowhere.json["missing"] as? String)
                #expect(there.json["decision"] != nil)
                // The decision's id is another each time; the rest is not.
                func plain(_ reply: RawReply) -> String {
                    reply.text.replacing(reply.json["decision"] as? String ?? "-", with: "ID")
                }
                #expect(plain(there) == plain(nowhere))
                #expect(there.body.count == nowhere.body.count)
            }
        }
    }

    @Test("A user of the applications' socket is known by the kernel's word, and gets what its policy says")
    func unixUser() async throws {
        try await RunningServer.run(policies: policies, directory: UserDirectory { _ in "payments" }) { running in
            let auth = ["Authorization": "Bearer \(try running.initialize())"]
            let client = try running.client(running.socket)
            #expect(
                try client.ask("PUT", "/v1/keys/payments/a", auth, body: #"{"fields":{"value":"x"}}"#).status == 201)
            #expect(try client.ask("GET", "/v1/whoami").json["name"] as? String == "payments")
            #expect(try client.ask("GET", "/v1/values/payments/a").status == 200)
            #expect(try client.ask("GET", "/v1/values/other/a").status == 403)
            // A presented credential replaces the user, and signs of a proxy void it.
            #expect(
                try client.ask("GET", "/v1/values/payments/a", ["Authorization": "Bearer keyturn_wrong"]).status == 401)
            #expect(try client.ask("GET", "/v1/values/payments/a", ["Via": "1.1 proxy"]).status == 401)
            // And on TCP there is no user at all.
            let host = ["Host": "localhost:\(running.addresses.port ?? 0)"]
            let stranger = try running.client().ask("GET", "/v1/values/payments/a", host)
            #expect(stranger.status == 401)
            #expect(stranger["WWW-Authenticate"] == "Bearer")
        }
    }

    @Test("Values that are no text travel as base64, both ways")
    func binary() async throws {
        try await RunningServer.run { running in
            let auth = ["Authorization": "Bearer \(try running.initialize())"]
            let client = try running.client(running.socket)
            let bytes = Data([0xff, 0x00, 0x80]).base64EncodedString()
            let stored = try client.ask(
                "PUT", "/v1/keys/bin", auth,
                body: "{\"encoding\":\"base64\",\"fields\":{\"value\":\"\(bytes)\",\"id\":\"YWJj\"}}")
            #expect(stored.status == 201)
            let value = try client.ask("GET", "/v1/values/bin", auth)
            #expect(value.json["encoding"] as? String == "base64")
            #expect(value.json["fields"] as? [String: String] == ["value": bytes, "id": "YWJj"])
            let one = try client.ask("GET", "/v1/values/bin?field=id", auth)
            #expect(one.json["fields"] as? [String: String] == ["id": "abc"])
            #expect(one.json["encoding"] == nil)
        }
    }

    @Test("Several keys come in one answer, or none does and the missing one is named")
    func bundle() async throws {
        try await RunningServer.run { running in
            let auth = ["Authorization": "Bearer \(try running.initialize())"]
            let client = try running.client(running.socket)
            let imported = try client.ask(
                "POST", "/v1/keys:import", auth,
                body: #"{"keys":[{"path":"a","fields":{"value":"1"}},{"path":"b/c","fields":{"value":"2"}}]}"#)
            #expect(imported.json["created"] as? [String] == ["a", "b/c"])
            let both = try client.ask("POST", "/v1/values", auth, body: #"{"keys":[{"path":"a"},{"path":"b/c"}]}"#)
            let values = both.json["values"] as? [[String: Any]]
            #expect(values?.compactMap { ($0["fields"] as? [String: String])?["value"] } == ["1", "2"])
            let missing = try client.ask("POST", "/v1/values", auth, body: #"{"keys":[{"path":"a"},{"path":"d"}]}"#)
            #expect(missing.status == 404)
            #expect(missing.json["field"] as? String == "d")
            #expect(!missing.text.contains("\"1\""))
            let clash = try client.ask(
                "POST", "/v1/keys:import", auth,
                body: #"{"keys":[{"path":"e","fields":{"value":"1"}},{"path":"a","fields":{"value":"2"}}]}"#)
            #expect(clash.status == 409)
            #expect(try client.ask("GET", "/v1/keys/e", auth).status == 404)
        }
    }

    @Test("The vault is made only at the operator's door or with the token, and opened by a raw body or a form")
    func sealing() async throws {
        try await RunningServer.run { running in
            let host = ["Host": "localhost:\(running.addresses.port ?? 0)"]
            let make = "/v1/seal:initialize?accept_recovery_code=true"
            #expect(try running.client(running.socket).ask("POST", make, body: "passphrase").status == 403)
            #expect(try running.client().ask("POST", make, host, body: "passphrase").status == 403)
            let proxied = try running.client(running.operatorSocket).ask("POST", make, ["Via": "x"], body: "passphrase")
            #expect(proxied.status == 403)
            let wrong = host.merging(["Keyturn-Init-Token": "wrong"]) { $1 }
            #expect(try running.client().ask("POST", make, wrong, body: "passphrase").status == 403)
            let token = host.merging(["Keyturn-Init-Token": "the-one-time-token"]) { $1 }
            let made = try running.client().ask("POST", make, token, body: "a pass&phrase+%41\n")
            #expect(made.status == 200)
            #expect(made.json["recovery_code"] != nil)
            #expect(try running.client(running.operatorSocket).ask("POST", "/v1/seal:seal").status == 200)
            let sealed = try running.client(running.socket).ask("GET", "/v1/keys")
            #expect(sealed.status == 503)
            #expect(sealed.code == "sealed")
            #expect(["1", "2", "3", "4"].contains(sealed["Retry-After"]))
            let bad = try running.client(running.operatorSocket).ask("POST", "/v1/seal:unseal", body: "wrong")
            #expect(bad.code == "wrong_passphrase")
            let form = ["Content-Type": "application/x-www-form-urlencoded"]
            let opened = try running.client(running.operatorSocket).ask(
                "POST", "/v1/seal:unseal", form, body: "passphrase=a+pass%26phrase%2B%2541")
            #expect(opened.json["state"] as? String == "unsealed")
            #expect(try running.client(running.operatorSocket).ask("POST", "/v1/seal:seal").status == 200)
            // What command line clients call a form is taken as it is.
            let raw = try running.client(running.operatorSocket).ask(
                "POST", "/v1/seal:unseal", form, body: "a pass&phrase+%41")
            #expect(raw.json["state"] as? String == "unsealed")
        }
    }

    @Test("Access keys are issued, shown once, listed, rolled and revoked at once")
    func accessKeys() async throws {
        try await RunningServer.run(policies: policies) { running in
            let auth = ["Authorization": "Bearer \(try running.initialize())"]
            let client = try running.client(running.socket)
            let issued = try client.ask(
                "POST", "/v1/issuers/keyturn/keys", auth,
                body: #"{"name":"app","policies":["payments"],"networks":["10.0.0.0/8"]}"#)
            #expect(issued.status == 201)
            let id = try #require(issued.json["id"] as? String)
            let text = try #require(issued.json["key"] as? String)
            let shown = try client.ask("GET", "/v1/issuers/keyturn/keys/\(id)", auth)
            #expect(shown.json["state"] as? String == "active")
            #expect(!shown.text.contains(text))
            let rolled = try client.ask("POST", "/v1/issuers/keyturn/keys/\(id):roll", auth, body: #"{"overlap":"1h"}"#)
            #expect(rolled.json["predecessor"] as? String == id)
            #expect(
                try client.ask("POST", "/v1/issuers/keyturn/keys/\(id):revoke", auth).json["state"] as? String
                    == "revoked")
            #expect(try client.ask("GET", "/v1/issuers/other/keys", auth).status == 404)
            #expect(
                try client.ask("POST", "/v1/issuers/keyturn/keys", auth, body: #"{"name":"x","policies":["none"]}"#)
                    .status == 400)
            let list = try client.ask("GET", "/v1/issuers/keyturn/keys?query=app", auth)
            #expect((list.json["keys"] as? [Any])?.count == 2)
        }
    }

    @Test("The document, the health and the policies are served")
    func about() async throws {
        try await RunningServer.run(policies: policies) { running in
            #expect(try running.client(running.socket).ask("GET", "/v1/health").status == 503)
            let auth = ["Authorization": "Bearer \(try running.initialize())"]
            let client = try running.client(running.socket)
            #expect(try client.ask("GET", "/v1/health").json["status"] as? String == "ok")
            #expect(try client.ask("GET", "/v1/openapi.json").json["openapi"] as? String == "3.1.0")
            #expect(((try client.ask("GET", "/v1/policies", auth)).json["policies"] as? [Any])?.isEmpty == false)
            #expect(try client.ask("POST", "/v1/policies:reload", auth).status == 200)
            #expect(try client.ask("GET", "/v1/slots", auth).status == 200)
            #expect(try client.ask("POST", "/v1/store:verify", auth).json["damaged"] as? [String] == [])
            #expect(try client.ask("GET", "/v1/issuers", auth).status == 200)
            let refused = try client.ask("GET", "/v1/values/x")
            let decision = try #require(refused.json["decision"] as? String)
            #expect(try client.ask("GET", "/v1/decisions/\(decision)", auth).json["decision"] as? String == decision)
        }
    }
}
