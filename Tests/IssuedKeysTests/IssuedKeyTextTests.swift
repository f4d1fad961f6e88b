import IssuedKeys
import SecretMemory
import Testing

@Suite("The text of an issued key")
struct IssuedKeyTextTests {
    /// Made with Python's hashlib from the description of the checksum.
    static let known = "keyturn_0123456789ABabcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQKhLXKV"
    static let knownWithTwoWords = "shop_live_0123456789ABabcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQwvuAXI"

    private func error(_ text: String) -> IssuedKeyTextError? {
        #expect(throws: IssuedKeyTextError.self) { try IssuedKeyText.parse(WipedBytes(utf8: text)) }
    }

    @Test("A text of another length is refused before anything else")
    func length() {
        #expect(error("") == .tooShort)
        #expect(error("_") == .tooShort)
        #expect(error(String(Self.known.dropFirst(8))) == .tooShort)
        #expect(error("_" + String(Self.known.dropFirst(8))) == .tooShort)
        #expect(error(String(repeating: "a", count: 95)) == .tooLong)
        #expect(error(String(repeating: "_", count: 1 << 20)) == .tooLong)
    }

    @Test("A text without its separator, or with one among the last 61, is refused")
    func separator() {
        #expect(error(Self.known.replacing("_", with: "-")) == .separatorMissing)
        #expect(error(String(Self.known.dropLast())) == .separatorMissing)
        #expect(error(Self.known + "A") == .separatorMissing)
        #expect(error(String(Self.known.dropLast()) + "_") == .notBase62)
        #expect(
            error("key_" + String(repeating: "a", count: 30) + "_" + String(repeating: "b", count: 30)) == .notBase62)
    }

    @Test("Characters outside base 62 are refused, white space around the key included")
    func alphabet() {
        for bad in ["-", "+", "/", "=", " ", "\n", "\0", "\u{7f}", ":", "@", "[", "`", "{"] {
            #expect(error(String(Self.known.dropLast()) + bad) == .notBase62)
        }
        #expect(error(Self.known + "\n") == .separatorMissing)
        #expect(error(" " + Self.known) == .malformedPrefix)
        #expect(error(String(Self.known.dropLast(2)) + "é") == .notBase62)
    }

    @Test(
        "A prefix outside the grammar is refused, by parsing and by minting",
        arguments: [
            "", "_", "A", "Shop", "1a", "a_", "_a", "a__b", "a-b", "a.b", "a b", "é", "a\n", "a/b",
            String(repeating: "a", count: 33),
        ])
    func badPrefixes(prefix: String) {
        #expect(!IssuedKeyText.isPrefix(prefix))
        #expect(throws: IssuedKeyTextError.malformedPrefix) {
            try IssuedKeyText.mint(prefix: prefix, random: SeededRandom(seed: 1))
        }
        #expect(error(prefix + "_" + String(Self.known.dropFirst(8))) != .wrongChecksum)
    }

    @Test("Any single character changed, dropped or doubled is refused")
    func singleCharacterChanges() throws {
        let random = SeededRandom(seed: 2)
        let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_- \u{0}")
        for prefix in ["keyturn", "shop_live", "a"] {
            let text = try #require(IssuedKeyText.mint(prefix: prefix, random: random).text.disclosedText())
            let characters = Array(text)
            for position in characters.indices {
                for other in alphabet where other != characters[position] {
                    var changed = characters
                    changed[position] = other
                    _ = error(String(changed))
                }
                var dropped = characters
                dropped.remove(at: position)
                _ = error(String(dropped))
                var doubled = characters
                doubled.insert(doubled[position], at: position)
                _ = error(String(doubled))
            }
        }
    }

    @Test("Two neighbours exchanged are refused")
    func transpositions() throws {
        let characters = Array(Self.known)
        for position in 1..<characters.count where characters[position] != characters[position - 1] {
            var changed = characters
            changed.swapAt(position, position - 1)
            _ = error(String(changed))
        }
    }

    @Test("The checksum covers the prefix: a key under another prefix is refused")
    func prefixIsCovered() {
        #expect(error("keyturm" + String(Self.known.dropFirst(7))) == .wrongChecksum)
        #expect(error("shop" + String(Self.known.dropFirst(7))) == .wrongChecksum)
    }

    @Test("Random text of the right form is refused by its checksum")
    func randomTexts() {
        var random = SeededRandom(seed: 3)
        let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        for _ in 0..<2000 {
            let body = String((0..<61).map { _ in digits[Int.random(in: 0..<62, using: &random)] })
            #expect(error("keyturn_" + body) == .wrongChecksum)
        }
    }

    @Test("No error repeats what was presented")
    func errorsAreSilent() {
        let errors: [IssuedKeyTextError] = [
            .tooShort, .tooLong, .separatorMissing, .notBase62, .malformedPrefix, .wrongChecksum,
        ]
        for error in errors { #expect(!"\(error)".contains("0123456789AB") && !"\(error)".isEmpty) }
    }

    @Test("Keys made elsewhere from the description are read")
    func knownKeys() throws {
        let one = try IssuedKeyText.parse(WipedBytes(utf8: Self.known))
        #expect(one.prefix == "keyturn")
        #expect(one.id.text == "0123456789AB")
        let two = try IssuedKeyText.parse(WipedBytes(utf8: Self.knownWithTwoWords))
        #expect(two.prefix == "shop_live")
        #expect(two.id == one.id)
    }

    @Test("What is minted is read again, whatever the prefix")
    func roundTrips() throws {
        let random = SeededRandom(seed: 4)
        var ids: Set<IssuedKeyID> = []
        for prefix in ["a", "z9", "keyturn", "shop_live", "a_1_b2", String(repeating: "x", count: 32)] {
            for _ in 0..<200 {
                let minted = try IssuedKeyText.mint(prefix: prefix, random: random)
                let read = try IssuedKeyText.parse(minted.text)
                #expect(read.prefix == prefix)
                #expect(read.id == minted.id)
                #expect(minted.text.count == prefix.utf8.count + 62)
                #expect(minted.text.count <= IssuedKeyText.maximumLength)
                #expect(ids.insert(minted.id).inserted)
            }
        }
    }

    @Test("Every digit is equally likely: chi-square of 330,000 digits with a seeded source")
    func unbiased() throws {
        let random = SeededRandom(seed: 5)
        var counts = [UInt8: Int]()
        for _ in 0..<6000 {
            let text = try #require(IssuedKeyText.mint(prefix: "k", random: random).text.disclosedText())
            for byte in text.utf8.dropFirst(2).dropLast(6) { counts[byte, default: 0] += 1 }
        }
        #expect(counts.count == 62)
        let expected = 6000.0 * 55 / 62
        let chiSquare = counts.values.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        // 61 degrees of freedom: 1 in 1000 above 100.9. Taking bytes modulo 62 without rejection gives about 4000.
        #expect(chiSquare < 101)
        #expect(chiSquare > 30)
    }

    @Test("Bytes from 248 up are thrown away and not folded onto the first digits")
    func rejection() throws {
        let minted = try IssuedKeyText.mint(prefix: "k", random: FixedBytes(pattern: [248, 255, 247, 250]))
        #expect(minted.id.text == "zzzzzzzzzzzz")
        let low = try IssuedKeyText.mint(prefix: "k", random: FixedBytes(pattern: [255, 0, 62, 124, 186]))
        #expect(low.id.text == "000000000000")
    }

    @Test("An id is twelve base-62 characters and nothing else")
    func ids() {
        for bad in ["", "0123456789A", "0123456789ABC", "0123456789A_", "0123456789A ", "0123456789é"] {
            #expect(IssuedKeyID(bad) == nil)
        }
        #expect(IssuedKeyID("0123456789AB")?.text == "0123456789AB")
    }
}
