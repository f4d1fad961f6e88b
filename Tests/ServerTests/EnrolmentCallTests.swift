import Foundation
import Testing

@testable import Server

@Suite("Enrolment calls", .timeLimit(.minutes(20)))
struct EnrolmentCallTests {
    @Test("A stranger exchanges a code once; what is wrong with others is not told")
    func exchange() async throws {
        try await RunningServer.run { running in
            let administrator = try running.initialize()
            let authorization = ["Authorization": "Bearer \(administrator)"]
            let made = try running.client().ask(
                "POST", "/v1/access:enrol", authorization, body: #"{"name": "shop", "policies": ["administrator"]}"#)
            #expect(made.status == 201)
            let code = made.json["code"] as? String ?? ""
            let exchange = { (code: String) in
                try running.client().ask("POST", "/v1/access:exchange", body: #"{"code": "\#(code)"}"#)
            }
            let got = try exchange(code)
            #expect(got.status == 200)
            let key = got.json["key"] as? String ?? ""
            #expect(try running.client().ask("GET", "/v1/whoami", ["Authorization": "Bearer \(key)"]).status == 200)
            let again = try exchange(code)
            let unknown = try exchange("keyturn_enrol_" + String(repeating: "0", count: 61))
            for reply in [again, unknown] {
                #expect(reply.status == 401)
                #expect(reply.text == again.text)
            }
            let list = try running.client().ask("GET", "/v1/access/enrolments", authorization)
            #expect(list.text.contains(#""state":"redeemed""#))
            #expect(list.text.contains(#""reused":""#))
            for text in [running.auditText, running.log.text, list.text, again.text] {
                #expect(!text.contains(code) && !text.contains(key))
            }
            let metrics = try running.client().ask("GET", "/v1/metrics").text
            #expect(metrics.contains("\nkeyturn_enrolment_reuses_total 1\n"))
        }
    }

    @Test("A stranger's body is small, and a sealed vault reads none of it")
    func bounded() async throws {
        try await RunningServer.run { running in
            _ = try running.initialize()
            let large = #"{"code": "\#(String(repeating: "x", count: 5_000))"}"#
            #expect(try running.client().ask("POST", "/v1/access:exchange", body: large).status == 413)
            #expect(try running.client().ask("POST", "/v1/access:exchange", body: #"{"codes": 1}"#).status == 400)
            #expect(try running.client().ask("POST", "/v1/access:enrol", body: "{}").status == 401)
            #expect(try running.client(running.operatorSocket).ask("POST", "/v1/seal:seal").status == 200)
            let sealed = try running.client().ask("POST", "/v1/access:exchange", body: #"{"code": "x"}"#)
            #expect(sealed.status == 503)
            #expect(sealed["Retry-After"] != nil)
        }
    }

    @Test("Many who ask a sealed vault at the same moment are told different times at which to ask again")
    func spread() async throws {
        try await RunningServer.run { running in
            _ = try running.initialize()
            #expect(try running.client(running.operatorSocket).ask("POST", "/v1/seal:seal").status == 200)
            var waits: [Int: Int] = [:]
            let client = try running.client()
            for _ in 0..<200 {
                let reply = try client.ask("GET", "/v1/values/app/a", ["Authorization": "Bearer x"])
                waits[Int(reply["Retry-After"] ?? "") ?? 0, default: 0] += 1
            }
            #expect(waits.keys.sorted() == [1, 2, 3, 4])
            #expect(waits.values.allSatisfy { $0 > 15 })
        }
    }
}
