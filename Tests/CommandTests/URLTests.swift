import Testing

@testable import KeyturnClient

@Suite("URLs of calls")
struct URLTests {
    @Test("What stands in a path or a parameter cannot leave it")
    func encoding() throws {
        let address = try KeyturnAddress("https://example.org")
        var call = Call.key(.post, "a b/../c:destroy?x#y\r\n%2f", verb: "restore")
        call.ask("cursor", "a&b=c d\u{e9}")
        call.ask("limit", nil as Int?)
        #expect(
            address.url(of: call) == "https://example.org/v1/keys/a%20b/../c%3Adestroy%3Fx%23y%0D%0A%252f:restore"
                + "?cursor=a%26b%3Dc%20d%C3%A9")
    }

    @Test("A socket's path stands where the host would")
    func socket() throws {
        let address = try KeyturnAddress("unix:/run/key turn/k.sock")
        #expect(address.url(of: Call(.get, "/v1/status")) == "http+unix://%2Frun%2Fkey%20turn%2Fk.sock/v1/status")
    }
}
