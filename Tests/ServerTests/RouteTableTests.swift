import Foundation
import NIOCore
import Testing
import Vault
import VaultAPI

@testable import Server

@Suite("The table of calls")
struct RouteTableTests {
    private var document: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(OpenAPIDocument.body.readableBytesView)) as? [String: Any]) ?? [:]
    }

    /// A path that the template stands for.
    private func sample(_ template: String) -> String {
        template.replacing("{path}", with: "a/b/c").replacing("{number}", with: "3").replacing(
            "{issuer}", with: "keyturn"
        )
        .replacing("{id}", with: "000000000001")
    }

    @Test("Every call of the table is one operation, reached by its own method and path alone")
    func reached() throws {
        let calls = Set(Operation.allCases).subtracting([.page])
        #expect(RouteTable.routes.count == calls.count)
        #expect(Set(RouteTable.routes.map(\.operation)) == calls)
        for route in RouteTable.routes {
            let match = try RouteTable.standard.match(route.method, sample(route.template))
            #expect(match.route.name == route.name)
            #expect(throws: Refusal.self) { try RouteTable.standard.match("TRACE", sample(route.template)) }
        }
    }

    @Test("The OpenAPI document has the calls of the table, and no others")
    func documented() throws {
        let paths = try #require(document["paths"] as? [String: [String: Any]])
        var documented: Set<String> = []
        for (template, methods) in paths {
            for (method, call) in methods {
                let id = try #require((call as? [String: Any])?["operationId"] as? String)
                documented.insert("\(id) \(method.uppercased()) \(template)")
            }
        }
        #expect(documented == Set(RouteTable.routes.map { "\($0.operation.rawValue) \($0.name)" }))
    }

    @Test("The OpenAPI document has the parameters of the table")
    func parameters() throws {
        let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
        for route in RouteTable.routes {
            let call = try #require(paths[route.template]?[route.method.lowercased()])
            let documented = (call["parameters"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
            let inPath = route.template.matches(of: /\{([a-z]+)\}/).map { String($0.1) }
            #expect(documented == inPath + route.queryNames + route.headers.map(\.name), "\(route.name)")
        }
    }

    @Test("Every schema that is named is there")
    func schemas() throws {
        let text = String(buffer: OpenAPIDocument.body)
        for match in text.matches(of: /#\/components\/schemas\/([A-Za-z]+)/) {
            #expect(Schemas.all[String(match.1)] != nil, "\(match.1)")
        }
        #expect(document["openapi"] as? String == "3.1.0")
    }

    @Test(
        "What a request may hold is what the document says",
        arguments: [
            ("PutKeyRequest", PutKeyRequest.CodingKeys.allCases.map(\.stringValue)),
            ("EditKeyRequest", EditKeyRequest.CodingKeys.allCases.map(\.stringValue)),
            ("ImportRequest", ImportRequest.CodingKeys.allCases.map(\.stringValue)),
            ("ValuesRequest", ValuesRequest.CodingKeys.allCases.map(\.stringValue)),
            ("CreateIssuerRequest", CreateIssuerRequest.CodingKeys.allCases.map(\.stringValue)),
            ("EditIssuerRequest", EditIssuerRequest.CodingKeys.allCases.map(\.stringValue)),
            ("TierSettings", TierSettings.CodingKeys.allCases.map(\.stringValue)),
            ("IssueKeyRequest", IssueKeyRequest.CodingKeys.allCases.map(\.stringValue)),
            ("RollKeyRequest", RollKeyRequest.CodingKeys.allCases.map(\.stringValue)),
            ("RevokeKeysRequest", RevokeKeysRequest.CodingKeys.allCases.map(\.stringValue)),
            ("ImportedIssuedKey", ImportedIssuedKey.CodingKeys.allCases.map(\.stringValue)),
            ("EnrolRequest", EnrolRequest.CodingKeys.allCases.map(\.stringValue)),
            ("ExchangeRequest", ExchangeRequest.CodingKeys.allCases.map(\.stringValue)),
            ("FindKeysRequest", FindKeysRequest.CodingKeys.allCases.map(\.stringValue)),
            ("VerifyRequest", VerifyRequest.CodingKeys.allCases.map(\.stringValue)),
            ("RotationRequest", RotationRequest.CodingKeys.allCases.map(\.stringValue)),
            ("RotateRequest", RotateRequest.CodingKeys.allCases.map(\.stringValue)),
            ("AcknowledgeRequest", AcknowledgeRequest.CodingKeys.allCases.map(\.stringValue)),
            ("KeyRotation", KeyRotation.CodingKeys.allCases.map(\.stringValue)),
            ("VerifyBatchRequest", VerifyBatchRequest.CodingKeys.allCases.map(\.stringValue)),
        ])
    func requests(schema: String, members: [String]) throws {
        guard case .object(let properties) = Schemas.all[schema] else {
            Issue.record("no schema \(schema)")
            return
        }
        #expect(Set(properties.map(\.name)) == Set(members))
    }

    @Test("A method that a path does not have is refused with those that it has")
    func methods() {
        let error = #expect(throws: Refusal.self) { try RouteTable.standard.match("POST", "/v1/keys/a/b") }
        #expect(error?.status == 405)
        #expect(error?.allow == ["DELETE", "GET", "HEAD", "PATCH", "PUT"])
        let verb = #expect(throws: Refusal.self) { try RouteTable.standard.match("GET", "/v1/keys/a:restore") }
        #expect(verb?.allow == ["POST"])
        let values = #expect(throws: Refusal.self) { try RouteTable.standard.match("HEAD", "/v1/values") }
        #expect(values?.allow == ["POST"])
    }

    @Test("HEAD takes the route of GET everywhere but where a value is read")
    func head() throws {
        for route in RouteTable.routes where route.method == "GET" {
            let path = route.template.replacing(/{[a-z]+}/, with: "x")
            if route.operation == .retrieveValue {
                let refusal = #expect(throws: Refusal.self) { try RouteTable.standard.match("HEAD", path) }
                #expect(refusal?.allow == ["GET"])
            } else {
                let match = try RouteTable.standard.match("HEAD", path)
                #expect(match.route.template == route.template)
                #expect(match.route.operation == (route.operation == .checkKey ? .checkKeyHead : route.operation))
            }
        }
    }

    @Test(
        "A path that no call has is not found",
        arguments: [
            "/", "/v1", "/v2/status", "/v1/keys/a:spin", "/v1/status/x", "/v1/slots/1/2", "/v1/seal", "/v1/unknown",
            "/v1/issuers/keyturn/keys/a/b", "/V1/status", "/v1/values:import",
        ])
    func unknown(path: String) {
        let error = #expect(throws: Refusal.self) { try RouteTable.standard.match("GET", path) }
        #expect(error?.code == "not_found")
    }

    @Test("The vault's error codes are problem codes, one by one")
    func codes() {
        for code in VaultError.Code.allCases {
            #expect(ProblemCode(rawValue: code.rawValue) != nil, "\(code)")
        }
        let door: Set<ProblemCode> = [
            .unknownMember, .tooDeep, .hostRefused, .originRefused, .unsupportedMethod, .timeout,
        ]
        let both = Set(VaultError.Code.allCases.compactMap { ProblemCode(rawValue: $0.rawValue) })
        #expect(both.union(door) == Set(ProblemCode.allCases))
    }

    @Test("All that a refusal of the vault says is in the problem")
    func problem() throws {
        let error = VaultError(
            .refused, "no", field: "path", decision: "d1", missingAction: "retrieve", retryAfter: 3, lines: ["x"])
        let reply = Reply(Refusal(error))
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(reply.body.readableBytesView)) as? [String: Any])
        #expect(json["type"] as? String == "urn:keyturn:problem:refused")
        #expect(json["decision"] as? String == "d1")
        #expect(json["missing"] as? String == "retrieve")
        #expect(json["errors"] as? [String] == ["x"])
        #expect(reply.headers.contains { $0.name == "Retry-After" && $0.value == "3" })
    }
}
