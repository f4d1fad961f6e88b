internal import Glibc
package import Rotation
package import SecretMemory

/// The rotator `generate`: a random value from an alphabet, which no provider needs to know.
///
/// Settings, all with a default: `alphabet` (`base62`), `length` (32 characters, the prefix not counted), `prefix`
/// (none), `field` (`value`).
package struct GenerateRotatorKind: RotatorKind {
    package let name = "generate"
    private let random: any RandomSource

    package init(random: any RandomSource = SystemRandom()) { self.random = random }

    /// The least entropy of a value, in bits: what no attacker can try out.
    static let leastBits = 96.0

    package func rotator(_ settings: [String: String]) throws(RotatorSettingsError) -> any Rotator {
        for name in settings.keys.sorted() where !["alphabet", "length", "prefix", "field"].contains(name) {
            throw RotatorSettingsError(name, "no such setting; known: alphabet, length, prefix, field")
        }
        guard let alphabet = Alphabet(settings["alphabet"] ?? "base62") else {
            throw RotatorSettingsError(
                "alphabet",
                "one of \(Alphabet.named.keys.sorted().joined(separator: ", ")), or chars: and 2 to 94 different characters"
            )
        }
        let digits = settings["length"] ?? "32"
        guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let length = Int(digits), (1...4_096).contains(length)
        else { throw RotatorSettingsError("length", "a whole number from 1 to 4096") }
        let bitsEach = log2(Double(alphabet.characters.count))
        guard Double(length) * bitsEach >= Self.leastBits else {
            let least = Int((Self.leastBits / bitsEach).rounded(.up))
            throw RotatorSettingsError(
                "length", "that could be guessed: this alphabet needs at least \(least) characters (96 bits)")
        }
        let prefix = settings["prefix"] ?? ""
        guard prefix.utf8.count <= 64, prefix.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw RotatorSettingsError("prefix", "at most 64 printable ASCII characters, without spaces")
        }
        let field = settings["field"] ?? "value"
        guard TemplateName.isName(field) else {
            throw RotatorSettingsError("field", "lower-case letters, digits and _, the first of them a letter")
        }
        return GenerateRotator(alphabet: alphabet, length: length, prefix: prefix, field: field, random: random)
    }
}

/// Makes one value for each call. Fields other than its own stay as they are.
struct GenerateRotator: Rotator {
    let alphabet: Alphabet
    let length: Int
    let prefix: String
    let field: String
    let random: any RandomSource

    var capabilities: RotatorCapabilities { RotatorCapabilities(choosesValue: true, isLocal: true) }

    func propose(_ context: RotationContext) async -> RotatorOutcome<Candidate> {
        var fields = (context.current?.fields ?? []).filter { $0.name != field }
        fields.append(RotationField(name: field, value: value()))
        fields.sort { $0.name < $1.name }
        return .done(Candidate(handle: "", fields: fields))
    }

    /// Each character equally likely: a random byte that would favour some is thrown away.
    func value() -> WipedBytes {
        let lead = Array(prefix.utf8)
        let count = alphabet.characters.count
        let limit = 256 - 256 % count
        return WipedBytes(count: lead.count + length) { (span: inout MutableRawSpan) in
            for (offset, byte) in lead.enumerated() { span.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self) }
            var offset = lead.count
            while offset < lead.count + length {
                let pool = WipedBytes(count: 64) { (bytes: inout MutableRawSpan) in random.fill(&bytes) }
                pool.withBytes { bytes in
                    for position in 0..<bytes.byteCount where offset < lead.count + length {
                        let byte = Int(bytes.byte(at: position))
                        guard byte < limit else { continue }
                        span.storeBytes(of: alphabet.characters[byte % count], toByteOffset: offset, as: UInt8.self)
                        offset += 1
                    }
                }
            }
        }
    }

    func create(_ context: RotationContext) async -> RotatorOutcome<Candidate> {
        guard let proposed = context.proposed else { return .rejected(.internal, newCandidate: false) }
        return .done(proposed)
    }
    func test(_ candidate: Candidate, _ context: RotationContext) async -> RotatorOutcome<Void> { .done }
    func retire(_ credential: Candidate, _ context: RotationContext) async -> RotatorOutcome<Void> { .done }
}
