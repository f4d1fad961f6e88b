import Testing

@testable import VaultAPI

@Suite("A request body that is not what the call takes")
struct StrictDecodingTests {
    private func refused<Request: WireRequest>(_ type: Request.Type, _ json: String) -> WireRefusal? {
        do {
            _ = try WireJSON.request(type, from: Array(json.utf8))
            return nil
        } catch {
            return error
        }
    }

    @Test("An unknown member is refused by name, with the list of the known ones")
    func unknownMember() throws {
        let refusal = try #require(refused(PutKeyRequest.self, #"{"fields":{"value":"x"},"visiblity":"public"}"#))
        #expect(refusal.code == .unknownMember)
        #expect(refusal.field == "visiblity")
        #expect(refusal.detail.contains("`visibility`"))
    }

    @Test("An unknown member deep in a list is refused with its place")
    func unknownMemberInside() throws {
        let refusal = try #require(refused(ValuesRequest.self, #"{"keys":[{"path":"a"},{"path":"b","wait":"1s"}]}"#))
        #expect(refusal == WireRefusal(.unknownMember, field: "keys[1].wait", detail: refusal.detail))
        let imported = #"{"keys":[{"path":"a","fields":{"value":"x"},"rotation":{}}]}"#
        #expect(refused(ImportRequest.self, imported)?.field == "keys[0].rotation")
    }

    @Test(
        "A secret in the wrong place is in no message",
        arguments: [
            #"{"MARKER-7781":1,"fields":{"value":"x"}}"#,
            #"{"fields":{"MARKER-7781":1}}"#,
            #"{"fields":"MARKER-7781"}"#,
            #"{"fields":{"value":"x"},"tags":"MARKER-7781"}"#,
            #"{"fields":{"value":"x"},"expires":"MARKER-7781"}"#,
            #"{"fields":{"value":"x"},"visibility":"MARKER-7781"}"#,
            #"{"fields":{"value":"x"},"encoding":"MARKER-7781"}"#,
            #"{"fields":{"value":["MARKER-7781"]}}"#,
            #"{"fields":{"value":"MARKER-7781"}"#,
            #"MARKER-7781"#,
            #""MARKER-7781""#,
            #"["MARKER-7781"]"#,
            "{\"fields\":{\"value\":\"MARKER-7781\u{1}\"}}",
            #"{"fields":{"value":"MARKER-7781\ud800"}}"#,
        ])
    func secretsAreNotRepeated(json: String) throws {
        let refusal = try #require(refused(PutKeyRequest.self, json))
        #expect(!"\(refusal) \(refusal.problem)".contains("MARKER"))
        #expect(refusal.code.status == 400)
    }

    @Test("A missing member, a wrong type and a null are told apart")
    func reasons() {
        #expect(refused(PutKeyRequest.self, "{}")?.detail == "`fields` is missing.")
        #expect(refused(PutKeyRequest.self, #"{"fields":[]}"#)?.detail == "`fields` must be an object.")
        #expect(refused(PutKeyRequest.self, #"{"fields":{"value":null}}"#)?.field == "fields.value")
        #expect(refused(PutKeyRequest.self, #"{"fields":{"value":1}}"#)?.detail == "`fields.value` must be a string.")
        let tags = refused(PutKeyRequest.self, #"{"fields":{},"tags":"a"}"#)
        #expect(tags?.detail == "`tags` must be an array.")
        #expect(refused(ValuesRequest.self, #"{"keys":[{"path":"a","version":1.5}]}"#)?.code == .malformed)
        #expect(refused(PutKeyRequest.self, "[]")?.detail == "The body must be an object.")
        #expect(refused(PutKeyRequest.self, "")?.code == .malformed)
        #expect(refused(PutKeyRequest.self, "{")?.code == .malformed)
    }

    @Test("A word that is not of the list is answered with the list")
    func words() throws {
        let refusal = try #require(refused(PutKeyRequest.self, #"{"fields":{},"visibility":"secret"}"#))
        #expect(refusal.code == .invalidField)
        #expect(refusal.detail == "`visibility` must be one of `private`, `public`.")
    }

    @Test("Names with digits, capitals or great length are not repeated")
    func repeatableNames() {
        #expect(WireRefusal.repeatable("due_before") == "due_before")
        for name in ["", "sk_live_9", "Value", "a-b", "a\nb", "\u{e9}", String(repeating: "a", count: 25)] {
            #expect(WireRefusal.repeatable(name) == nil)
        }
    }

    @Test("Members of a reply that are not known yet are passed over")
    func repliesAreLenient() throws {
        let json = #"{"state":"sealed","version":"9.0.0","shard":{"of":3}}"#
        let reply = try WireJSON.reply(StatusReply.self, from: Array(json.utf8))
        #expect(reply == StatusReply(state: .sealed, version: "9.0.0"))
    }
}
