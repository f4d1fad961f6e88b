import IssuedKeys
import Testing

@Suite("Whether an issued key may be used")
struct VerifyCodeTests {
    private let here: IPAddress
    private let elsewhere: IPAddress
    private let networks: NetworkRestriction

    init() throws {
        here = try IPAddress(parsing: "192.0.2.7")
        elsewhere = try IPAddress(parsing: "198.51.100.7")
        networks = .within(try NetworkList(parsing: ["192.0.2.0/24"]))
    }

    @Test("The codes are the contract's, in its order")
    func codes() {
        #expect(
            VerifyCode.allCases.map(\.rawValue) == [
                "NOT_FOUND", "EXPIRED", "REVOKED", "DISABLED", "NETWORK_DENIED", "SCOPE_DENIED", "RATE_LIMITED",
                "QUOTA_EXCEEDED", "VALID",
            ])
    }

    @Test("What is not found is not found, whatever else is asked")
    func notFound() {
        #expect(VerifyCode.evaluate(nil, at: 0, from: nil, scope: "a") == .notFound)
    }

    @Test("The first reason in the order is the one that is told")
    func order() {
        var standing = IssuedKeyStanding(
            expires: 1000, revokedAt: 500, isDisabled: true, networks: networks, scopes: ["read"])
        func code() -> VerifyCode { VerifyCode.evaluate(standing, at: 1000, from: elsewhere, scope: "write") }
        #expect(code() == .expired)
        standing.expires = nil
        #expect(code() == .revoked)
        standing.revokedAt = nil
        #expect(code() == .disabled)
        standing.isDisabled = false
        #expect(code() == .networkDenied)
        standing.networks = .anywhere
        #expect(code() == .scopeDenied)
        standing.scopes.append("write")
        #expect(code() == .valid)
    }

    @Test("Every combination is told by the first reason that applies")
    func everyCombination() {
        for bits in 0..<32 {
            let (expired, revoked, disabled) = (bits & 1 != 0, bits & 2 != 0, bits & 4 != 0)
            let (outside, scopeless) = (bits & 8 != 0, bits & 16 != 0)
            let standing = IssuedKeyStanding(
                expires: expired ? 10 : 11, revokedAt: revoked ? 3 : nil, isDisabled: disabled, networks: networks,
                scopes: scopeless ? [] : ["read"])
            let code = VerifyCode.evaluate(standing, at: 10, from: outside ? elsewhere : here, scope: "read")
            let reasons: [(Bool, VerifyCode)] = [
                (expired, .expired), (revoked, .revoked), (disabled, .disabled), (outside, .networkDenied),
                (scopeless, .scopeDenied), (true, .valid),
            ]
            #expect(code == reasons.first { $0.0 }?.1)
        }
    }

    @Test("At its end itself a key is expired")
    func expiryBoundary() {
        let standing = IssuedKeyStanding(expires: 1000)
        #expect(VerifyCode.evaluate(standing, at: 999, from: nil) == .valid)
        #expect(VerifyCode.evaluate(standing, at: 1000, from: nil) == .expired)
        #expect(VerifyCode.evaluate(IssuedKeyStanding(expires: 0), at: 0, from: nil) == .expired)
        #expect(VerifyCode.evaluate(IssuedKeyStanding(expires: .min), at: 0, from: nil) == .expired)
    }

    @Test("A rolled key is honoured until its overlap or its own life ends, whichever is first")
    func overlap() {
        let standing = IssuedKeyStanding(expires: 2000, honouredUntil: 1000)
        #expect(VerifyCode.evaluate(standing, at: 999, from: nil) == .valid)
        #expect(VerifyCode.evaluate(standing, at: 1000, from: nil) == .expired)
        let outlived = IssuedKeyStanding(expires: 500, honouredUntil: 1000)
        #expect(VerifyCode.evaluate(outlived, at: 500, from: nil) == .expired)
        #expect(VerifyCode.evaluate(IssuedKeyStanding(honouredUntil: 1000), at: 1000, from: nil) == .expired)
        #expect(IssuedKeyStanding().end == nil)
    }

    @Test("A revoked key stays revoked when the clock goes back")
    func revokedInTheFuture() {
        #expect(VerifyCode.evaluate(IssuedKeyStanding(revokedAt: 5000), at: 1, from: nil) == .revoked)
    }

    @Test(
        "A kept list of networks that cannot be read denies everybody",
        arguments: [[], [""], ["nonsense"], ["10.0.0.1/8"], ["192.0.2.0/24", "nonsense"], ["*"]] as [[String]])
    func unreadableNetworks(kept: [String]) throws {
        let standing = IssuedKeyStanding(networks: NetworkRestriction(kept: kept))
        #expect(standing.networks == .nowhere)
        for address in [nil, here, elsewhere, try IPAddress(parsing: "::1")] {
            #expect(VerifyCode.evaluate(standing, at: 0, from: address) == .networkDenied)
        }
    }

    @Test("A key with networks is denied to a caller whose address is not known")
    func unknownAddress() {
        #expect(VerifyCode.evaluate(IssuedKeyStanding(networks: networks), at: 0, from: nil) == .networkDenied)
        #expect(VerifyCode.evaluate(IssuedKeyStanding(networks: networks), at: 0, from: here) == .valid)
    }

    @Test("No kept list is no restriction")
    func noNetworks() {
        #expect(NetworkRestriction(kept: nil) == .anywhere)
        #expect(VerifyCode.evaluate(IssuedKeyStanding(networks: .anywhere), at: 0, from: elsewhere) == .valid)
        #expect(NetworkRestriction(kept: ["192.0.2.0/24"]) == networks)
    }

    @Test("A scope is compared whole, case and composition included")
    func scopes() {
        let standing = IssuedKeyStanding(scopes: ["read", "caf\u{e9}"])
        for other in ["", "rea", "reads", "READ", "read ", "*", "cafe\u{301}"] {
            #expect(VerifyCode.evaluate(standing, at: 0, from: nil, scope: other) == .scopeDenied)
        }
        #expect(VerifyCode.evaluate(standing, at: 0, from: nil, scope: "read") == .valid)
        #expect(VerifyCode.evaluate(standing, at: 0, from: nil, scope: nil) == .valid)
    }
}
