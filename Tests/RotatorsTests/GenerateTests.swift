import Rotation
import SecretMemory
import Testing

@testable import Rotators

@Suite struct GenerateTests {
    private let kind = GenerateRotatorKind()

    @Test(
        "A setting that is wrong is named and refused",
        arguments: [
            (["alphabet": "klingon"], "alphabet"), (["alphabet": "chars:aab"], "alphabet"),
            (["alphabet": "chars:a"], "alphabet"), (["alphabet": "chars:a b"], "alphabet"),
            (["length": "0"], "length"), (["length": "-4"], "length"), (["length": "4097"], "length"),
            (["length": "12"], "length"), (["alphabet": "digits", "length": "28"], "length"),
            (["prefix": "a b"], "prefix"), (["prefix": "a\nb"], "prefix"), (["field": "Value"], "field"),
            (["lenght": "32"], "lenght"),
        ])
    func refused(settings: [String: String], named: String) {
        let error = #expect(throws: RotatorSettingsError.self) { try kind.rotator(settings) }
        #expect(error?.setting == named)
    }

    @Test("The least length is the one with 96 bits")
    func entropy() throws {
        _ = try kind.rotator(["alphabet": "hex", "length": "24"])
        #expect(throws: RotatorSettingsError.self) { try kind.rotator(["alphabet": "hex", "length": "23"]) }
        _ = try kind.rotator(["alphabet": "digits", "length": "29"])
    }

    @Test("Without settings it makes 32 characters of base62 and leaves other fields alone")
    func preset() async throws {
        let rotator = try kind.rotator([:])
        #expect(rotator.capabilities.isLocal && rotator.capabilities.choosesValue)
        var context = Sample.context
        context.current = Candidate(
            handle: "", fields: [Sample.field("user", "app"), Sample.field("value", "old")])
        let candidate = try #require(await rotator.propose(context).value)
        #expect(candidate.fields.map(\.name) == ["user", "value"])
        let text = try #require(candidate.field("value")?.disclosedText())
        #expect(text.utf8.count == 32 && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) })
        #expect(candidate.field("user")?.disclosedText() == "app")
    }

    @Test("A prefix stands in front and does not count as length")
    func prefix() async throws {
        let rotator = try kind.rotator(["prefix": "sk_live_", "alphabet": "chars:ab", "length": "100"])
        let text = try #require(await rotator.propose(Sample.context).value?.field("value")?.disclosedText())
        #expect(text.hasPrefix("sk_live_") && text.utf8.count == 108)
        #expect(text.dropFirst(8).allSatisfy { $0 == "a" || $0 == "b" })
    }

    @Test("Every byte that would favour some characters is thrown away")
    func unbiased() throws {
        // 256 = 4 × 62 + 8: of all bytes, each once, every digit of base62 appears four times.
        let rotator = try #require(
            try GenerateRotatorKind(random: EveryByte()).rotator(["length": "248"]) as? GenerateRotator)
        let text = try #require(rotator.value().disclosedText())
        let counts = Dictionary(grouping: text, by: \.self).mapValues(\.count)
        #expect(counts.count == 62 && counts.values.allSatisfy { $0 == 4 })
    }
}

/// Bytes 0 to 255 in turn.
private final class EveryByte: RandomSource, @unchecked Sendable {
    private var next: UInt8 = 0
    func fill(_ bytes: inout MutableRawSpan) {
        for offset in 0..<bytes.byteCount {
            bytes.storeBytes(of: next, toByteOffset: offset, as: UInt8.self)
            next &+= 1
        }
    }
}
