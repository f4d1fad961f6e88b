import FakeServer
import Outbound
import Rotation
import SecretMemory
import Testing

@testable import Rotators

@Suite("An odd credential in a provider's list") struct OddListTests {
    private static let text = """
        provider: test
        host: HOST
        allow-private: true
        fields: [id, value]
        handle: id
        create:
          request: POST /keys
          json: '{"name": "{{mark}}"}'
          take: {id: /id, value: /value}
        test:
          request: GET /self
          headers: {authorization: "Bearer {{candidate.value}}"}
        retire:
          request: DELETE /keys/{{retired.handle}}
        list:
          request: GET /keys
          items: /keys
          handle: /id
          mark: /name
        """
    /// Ids that no key could be ended by, or none at all.
    static let odd = [
        #""id":"a b","#, #""id":"","#, #""id":null,"#, #""id":{"a":1},"#, "",
        #""id":"\#(String(repeating: "x", count: 513))","#,
    ]

    private func list(_ items: String, marked: Bool = true) async throws -> RotatorOutcome<[ListedCredential]> {
        let server = try await FakeServer { _ in .status(200, #"{"keys":[\#(items)]}"#) }
        var text = Self.text.replacing("HOST", with: "http://127.0.0.1:\(server.port)")
        if !marked { text = text.replacing("\n  mark: /name", with: "") }
        let kind = HTTPRotatorKind(
            try ProviderSet(files: [("test.yaml", text)]), sender: HTTPSender(resolver: SystemResolver()))
        let outcome = try await kind.rotator(["provider": "test"]).list(Sample.context)
        await server.close()
        return outcome
    }

    @Test("is an error that says what is wrong with it, where it has this key's mark", arguments: odd)
    func ours(id: String) async throws {
        let item = #"{\#(id)"name":"\#(Sample.mark)"}"#
        #expect(try await list(item).fault == "not done bad_handle")
        let earlier = #"{\#(id)"name":"keyturn-0000000000000000-ffffffffffffffffffffffffffffffff"}"#
        #expect(try await list(earlier).fault == "not done bad_handle")
    }

    @Test("is an error where the list does not tell whose it is", arguments: odd)
    func unmarked(id: String) async throws {
        #expect(try await list(#"{\#(id)"name":"x"}"#, marked: false).fault == "not done bad_handle")
    }

    @Test("is passed over where somebody else made it, and the rest is read", arguments: odd)
    func foreign(id: String) async throws {
        let others = [#"{\#(id)"name":"theirs"}"#, #"{\#(id)"name":7}"#, "{\(id)\"x\":1}", "7", "null", "[]"]
        let mine = #"{"id":"9","name":"\#(Sample.mark)"}"#
        #expect(
            try await list((others + [mine]).joined(separator: ",")).value == [
                ListedCredential(handle: "9", origin: .thisAttempt)
            ])
    }

    @Test("is judged in the same way where a program lists")
    func program() async throws {
        func list(_ items: String) async throws -> RotatorOutcome<[ListedCredential]> {
            let place = try CommandRotatorTests.Place(#"echo '{"outcome":"done","items":[\#(items)]}'"#)
            return try await place.rotator(["lists": "true"]).list(Sample.context)
        }
        let mine = #"{"handle":"9","mark":"\#(Sample.mark)"}"#
        #expect(try await list(#"{"handle":"a b"},{"mark":"theirs"},7,\#(mine)"#).value?.map(\.handle) == ["9"])
        #expect(try await list(#"{"handle":"a b","mark":"\#(Sample.mark)"}"#).fault == "not done bad_handle")
    }
}
