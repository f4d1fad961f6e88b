import SecretMemory
import Testing

@testable import LastKnownGood

@Suite("What is kept for an outage")
struct SealedCacheTests {
    static let contents = WipedBytes(utf8: "the values of a program")
    static let binding = CacheBinding(address: "unix:/run/a.sock", names: ["key a#value", "key b#value"])

    static func key(_ text: String = "keyturn_one") throws -> CacheKey {
        try CacheKey(accessKey: WipedBytes(utf8: text))
    }

    @Test("Another access key opens nothing")
    func otherKey() throws {
        let sealed = SealedCache.seal(Self.contents, with: try Self.key(), for: Self.binding)
        #expect(SealedCache.open(sealed, with: try Self.key("keyturn_two"), for: Self.binding) == nil)
        let file = try #require(try CacheKey(random: WipedBytes(utf8: String(repeating: "k", count: 32))))
        #expect(SealedCache.open(sealed, with: file, for: Self.binding) == nil)
    }

    @Test("32 bytes as an access key and as a file are two keys")
    func purposes() throws {
        let bytes = WipedBytes(utf8: String(repeating: "k", count: 32))
        let sealed = SealedCache.seal(Self.contents, with: try CacheKey(accessKey: bytes), for: Self.binding)
        let file = try #require(try CacheKey(random: bytes))
        #expect(SealedCache.open(sealed, with: file, for: Self.binding) == nil)
        #expect(try CacheKey(random: WipedBytes(utf8: "short")) == nil)
    }

    @Test(
        "Another vault, other names, fewer and more of them open nothing",
        arguments: [
            CacheBinding(address: "unix:/run/b.sock", names: ["key a#value", "key b#value"]),
            CacheBinding(address: "unix:/run/a.sock", names: ["key a#value", "key c#value"]),
            CacheBinding(address: "unix:/run/a.sock", names: ["key a#value"]),
            CacheBinding(address: "unix:/run/a.sock", names: ["key a#value", "key b#value", "key c#value"]),
            CacheBinding(address: "unix:/run/a.sock", names: ["key a#valuekey b#value"]),
        ])
    func otherBinding(binding: CacheBinding) throws {
        let sealed = SealedCache.seal(Self.contents, with: try Self.key(), for: Self.binding)
        #expect(SealedCache.open(sealed, with: try Self.key(), for: binding) == nil)
    }

    @Test("A single flipped bit is noticed, and so is every cut")
    func damage() throws {
        let key = try Self.key()
        let sealed = SealedCache.seal(Self.contents, with: key, for: Self.binding)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(SealedCache.open(changed, with: key, for: Self.binding) == nil)
            #expect(SealedCache.open(Array(sealed.prefix(index)), with: key, for: Self.binding) == nil)
        }
    }

    @Test("Whoever sealed it opens it, in whatever order the names are, and nothing of it can be read before")
    func opens() throws {
        let key = try Self.key()
        let sealed = SealedCache.seal(Self.contents, with: key, for: Self.binding)
        let turned = CacheBinding(address: "unix:/run/a.sock", names: ["key b#value", "key a#value"])
        #expect(SealedCache.open(sealed, with: key, for: turned)?.disclosedText() == "the values of a program")
        #expect(!String(decoding: sealed, as: UTF8.self).contains("values"))
        #expect(SealedCache.seal(Self.contents, with: key, for: Self.binding) != sealed)
        let nothing = SealedCache.seal(WipedBytes(utf8: ""), with: key, for: Self.binding)
        #expect(SealedCache.open(nothing, with: key, for: Self.binding)?.count == 0)
    }

    @Test("Values that are too old, of the future, or past an end are not used")
    func age() {
        let hour: Int64 = 3_600_000
        #expect(KeptAge(confirmed: 0).fault(now: 24 * hour + 1, limit: 24 * hour) == .tooOld)
        #expect(KeptAge(confirmed: hour).fault(now: 0, limit: 24 * hour) == .fromTheFuture)
        #expect(KeptAge(confirmed: 0, accessKeyExpires: hour).fault(now: hour, limit: 24 * hour) == .accessKeyExpired)
        #expect(KeptAge(confirmed: 0, valuesExpire: hour).fault(now: hour, limit: 24 * hour) == .valueExpired)
        let good = KeptAge(confirmed: 0, accessKeyExpires: 25 * hour, valuesExpire: 25 * hour)
        #expect(good.fault(now: 24 * hour, limit: 24 * hour) == nil)
        #expect(KeptAge(confirmed: 60_000).fault(now: 0, limit: hour) == nil)
    }
}
