import IssuedKeys
import SecretMemory
import Testing
import Vault

@testable import Console

/// What people write into forms.
@Suite struct FormReaderTests {
    private let now: Int64 = 1_795_262_400_000

    private func reader(_ text: String) throws -> FormReader {
        FormReader(try FormFields(decoding: WipedBytes(utf8: "f=" + FormEncoding.encode(text))))
    }

    @Test(
        "An end that is none is refused, and what would be right is said",
        arguments: ["soon", "0d", "-3d", "2026-02-30", "90"])
    func noEnd(text: String) throws {
        var reader = try reader(text)
        #expect(reader.end("f", now: now) == nil)
        #expect(reader.errors["f"]?.isEmpty == false)
    }

    @Test("An end is a length, the last day, a moment, never, or the issuer's")
    func ends() throws {
        var length = try reader("90d")
        #expect(length.end("f", now: now) == .at(now + 90 * 86_400_000))
        var date = try reader("2027-01-31")
        #expect(date.end("f", now: now) == .at(1_801_440_000_000))
        var never = try reader("Never")
        #expect(never.end("f", now: now) == .never)
        var nothing = try reader("  ")
        #expect(nothing.end("f", now: now) == nil)
        #expect(nothing.errors.isEmpty)
    }

    @Test(
        "A tier that is none is refused",
        arguments: ["free", "=10/s", "free=10", "free=quota=x", "free=quota=0", "a=quota=1,quota=2"])
    func noTier(text: String) throws {
        var reader = try reader(text)
        _ = reader.tiers("f")
        #expect(reader.errors["f"] != nil)
    }

    @Test("Tiers read as they are written")
    func tiers() throws {
        var reader = try reader("free=10/s, 1000/d,quota=20000/month\n\npro=100/s\nonce=quota=5")
        let tiers = reader.tiers("f")
        #expect(reader.errors.isEmpty)
        #expect(
            tiers.map(TierWords.line) == ["free=10/s,1000/d,quota=20000/month", "pro=100/s", "once=quota=5"])
        #expect(tiers[0].quota == Quota(uses: 20_000, refill: .monthly))
    }

    @Test("Pairs have an equals sign, and each name once")
    func pairs() throws {
        var good = try reader("plan=free\nnote=a=b")
        #expect(good.pairs("f") == ["plan": "free", "note": "a=b"])
        for text in ["plan", "=x", "a=1\na=2"] {
            var bad = try reader(text)
            _ = bad.pairs("f")
            #expect(bad.errors["f"] != nil, "\(text)")
        }
    }

    @Test("A time to search from is a day, a moment, or so long ago")
    func moments() throws {
        var ago = try reader("1d")
        #expect(ago.moment("f", now: now) == now - 86_400_000)
        var day = try reader("2026-11-21")
        #expect(day.moment("f", now: now) == now - 12 * 3_600_000)
        #expect(day.moment("f", now: now, isEnd: true) == now + 12 * 3_600_000)
        var wrong = try reader("yesterday")
        #expect(wrong.moment("f", now: now) == nil)
        #expect(wrong.errors["f"] != nil)
    }

    @Test("Lists have lines, commas or spaces between their words")
    func lists() throws {
        #expect(try reader("10/s, 1000/d\n5/h").list("f") == ["10/s", "1000/d", "5/h"])
        #expect(try reader(" ").list("f").isEmpty)
    }
}
