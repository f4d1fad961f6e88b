import Rotation
import SecretMemory
import Synchronization
import Testing

@testable import Rotators

/// A desk with one issuer, `shop`, whose keys are numbered.
private final class OneIssuer: IssuerDesk {
    struct Key {
        var mark: String
        var order: IssuerOrder
        var isLive = true
    }
    let keys = Mutex<[Int: Key]>([:])

    func mint(_ order: IssuerOrder, _ context: RotationContext) async -> RotatorOutcome<Candidate> {
        guard order.issuer == "shop" else { return .rejected(.notPermitted, newCandidate: false) }
        let number = keys.withLock { keys in
            for (number, key) in keys where key.mark == context.mark { keys[number] = nil }
            keys[keys.count + 1] = Key(mark: context.mark, order: order)
            return keys.count
        }
        return .done(Candidate(handle: "\(number)", fields: [Sample.field("value", "shop_\(number)")]))
    }

    func verify(_ text: WipedBytes, issuer: String, _ context: RotationContext) async -> RotatorOutcome<Void> {
        let isLive = handle(of: text).flatMap { Int($0) }.flatMap { number in
            keys.withLock { $0[number]?.isLive }
        }
        return isLive == true && issuer == "shop" ? .done : .rejected(.testFailed, newCandidate: true)
    }

    func revoke(handle: String, issuer: String, _ context: RotationContext) async -> RotatorOutcome<Void> {
        if let number = Int(handle) { keys.withLock { $0[number]?.isLive = false } }
        return .done
    }

    func list(issuer: String, _ context: RotationContext) async -> RotatorOutcome<[ListedCredential]> {
        .done(
            keys.withLock { keys in
                keys.filter(\.value.isLive).sorted { $0.key < $1.key }.map { number, key in
                    ListedCredential(handle: "\(number)", origin: context.origin(ofMark: key.mark))
                }
            })
    }

    func handle(of text: WipedBytes) -> String? { text.disclosedText()?.split(separator: "_").last.map(String.init) }
}

@Suite("Keys of the vault's own issuers")
struct IssuerRotatorTests {
    private static var context: RotationContext {
        var context = Sample.context
        context.current = Candidate(
            handle: "", fields: [Sample.field("url", "https://shop.example"), Sample.field("value", "shop_0")])
        return context
    }

    @Test(
        "Settings are checked when they are written",
        arguments: [
            ([:], "issuer"), (["issuer": "Shop!"], "issuer"), (["issuer": "keyturn"], "issuer"),
            (["issuer": "shop", "scope": "x"], "scope"), (["issuer": "shop", "name": ""], "name"),
            (["issuer": "shop", "owner": "a\nb"], "owner"), (["issuer": "shop", "scopes": ""], "scopes"),
            (["issuer": "shop", "scopes": "a,,b"], "scopes"),
            (["issuer": "shop", "networks": "10.0.0.0/8 x"], "networks"),
            (["issuer": "shop", "lifetime": "0d"], "lifetime"), (["issuer": "shop", "lifetime": "-1d"], "lifetime"),
            (["issuer": "shop", "lifetime": "3651d"], "lifetime"),
            (["issuer": "shop", "lifetime": "soon"], "lifetime"),
            (["issuer": "shop", "field": "Value"], "field"),
        ])
    func settings(settings: [String: String], named: String) {
        let kind = IssuerRotatorKind(desk: OneIssuer())
        let error = #expect(throws: RotatorSettingsError.self) { try kind.rotator(settings) }
        #expect(error?.setting == named)
    }

    @Test("What the settings leave out is left to the desk, and the key in service is named")
    func order() async throws {
        let desk = OneIssuer()
        let kind = IssuerRotatorKind(desk: desk)
        let rotator = try kind.rotator(["issuer": "shop"])
        #expect(rotator.reach == RotatorReach(issuers: ["shop"]))
        _ = await rotator.create(Self.context)
        #expect(desk.keys.withLock { $0[1]?.order } == IssuerOrder(issuer: "shop", replacing: "0"))
        let full = try kind.rotator([
            "issuer": "shop", "name": "n", "description": "d", "owner": "o", "tier": "t", "scopes": "a, b:c",
            "networks": "10.0.0.0/8,::1", "limits": "10/s", "lifetime": "90d",
        ])
        var context = Self.context
        context.token = [UInt8](repeating: 9, count: 16)
        context.current?.handle = "7"
        _ = await full.create(context)
        #expect(
            desk.keys.withLock { $0[2]?.order }
                == IssuerOrder(
                    issuer: "shop", name: "n", description: "d", owner: "o", tier: "t", scopes: ["a", "b:c"],
                    networks: ["10.0.0.0/8", "::1"], limits: ["10/s"], lifetime: .after(90 * 86_400_000),
                    replacing: "7"))
    }

    @Test("An issuer that the author may not use makes nothing")
    func refused() async throws {
        let desk = OneIssuer()
        let rotator = try IssuerRotatorKind(desk: desk).rotator(["issuer": "other"])
        #expect(await rotator.create(Self.context).fault == "rejected not_permitted")
        #expect(desk.keys.withLock { $0.isEmpty })
    }

    @Test("A successor is made, verified and listed; the one before is revoked; other fields stay")
    func life() async throws {
        let desk = OneIssuer()
        let rotator = try IssuerRotatorKind(desk: desk).rotator(["issuer": "shop"])
        let candidate = try #require(await rotator.create(Self.context).value)
        #expect(candidate.handle == "1")
        #expect(candidate.fields.map(\.name) == ["url", "value"])
        #expect(rotator.handle(of: candidate.fields) == "1")
        #expect(await rotator.test(candidate, Self.context).fault == nil)
        #expect(
            await rotator.list(Self.context).value == [ListedCredential(handle: "1", origin: .thisAttempt)])
        #expect(await rotator.retire(candidate, Self.context).fault == nil)
        #expect(await rotator.test(candidate, Self.context).fault == "rejected test_failed, another")
        #expect(await rotator.list(Self.context).value == [])
        #expect(
            await rotator.retire(Candidate(handle: "", fields: []), Self.context).fault == "rejected missing_field",
            "without a name nothing can be revoked, and that is said")
    }

    @Test("The text can go into another field")
    func field() async throws {
        let rotator = try IssuerRotatorKind(desk: OneIssuer()).rotator(["issuer": "shop", "field": "token"])
        let candidate = try #require(await rotator.create(Self.context).value)
        #expect(candidate.fields.map(\.name) == ["token", "url", "value"])
        #expect(candidate.field("token")?.disclosedText() == "shop_1")
        #expect(await rotator.test(candidate, Self.context).fault == nil)
    }
}
