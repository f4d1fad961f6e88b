import SecretMemory
import Testing

@testable import Sealing

@Suite("The children of an API key")
struct ChildTests {
    private let sample: Sample
    private let place: KeyPlace
    private let own: OwnKey
    private let content: VersionContent

    init() throws {
        sample = try Sample()
        place = KeyPlace(KeyID.random(from: sample.random), path: "payments/stripe")
        own = OwnKey.generate(for: sample.keyring, random: sample.random)
        content = try VersionContent([("value", wiped("sk_test")), ("id", wiped("42")), ("note", wiped(""))])
    }

    private var wrapped: SealedRecord {
        sample.keyring.sealOwnKey(own, of: place, generation: 1, random: sample.random)
    }

    private func version(_ number: UInt32 = 1) -> SealedRecord {
        own.sealVersion(content, number: number, of: place, generation: 1, random: sample.random)
    }

    @Test("A version put in another's place is refused: another number, key, path or vault")
    func swapped() throws {
        let record = version()
        let otherKey = OwnKey.generate(for: sample.keyring, random: sample.random)
        let otherPath = KeyPlace(place.keyID, path: "payments/paypal")
        let otherID = KeyPlace(KeyID.random(from: sample.random), path: "payments/stripe")
        let refused = SealingError.authenticationFailed(.version)
        #expect(failure { () throws(SealingError) in try own.openVersion(record, number: 2, of: place) } == refused)
        #expect(
            failure { () throws(SealingError) in try otherKey.openVersion(record, number: 1, of: place) } == refused)
        #expect(failure { () throws(SealingError) in try own.openVersion(record, number: 1, of: otherPath) } == refused)
        #expect(failure { () throws(SealingError) in try own.openVersion(record, number: 1, of: otherID) } == refused)
    }

    @Test("A version opened as a journal is refused")
    func otherKind() {
        let record = version()
        #expect(
            failure { () throws(SealingError) in try own.open(record, kind: .journal, number: 1, of: place) }
                == .authenticationFailed(.journal))
    }

    @Test("A wrapped key of another path, id or vault is refused")
    func wrappedKeySwapped() throws {
        let record = wrapped
        let refused = SealingError.authenticationFailed(.wrappedKey)
        let otherPath = KeyPlace(place.keyID, path: "payments/stripe2")
        let otherID = KeyPlace(KeyID.random(from: sample.random), path: "payments/stripe")
        #expect(failure { () throws(SealingError) in try sample.keyring.openOwnKey(record, of: otherPath) } == refused)
        #expect(failure { () throws(SealingError) in try sample.keyring.openOwnKey(record, of: otherID) } == refused)
        let other = try Sample()
        #expect(failure { () throws(SealingError) in try other.keyring.openOwnKey(record, of: place) } == refused)
    }

    @Test("Any flipped bit of a version's or a wrapped key's record is refused")
    func flippedBits() {
        let (version, wrapped) = (version(), wrapped)
        for (record, kind) in [(version, RecordKind.version), (wrapped, .wrappedKey)] {
            for index in record.bytes.indices {
                for bit in 0..<8 {
                    var bytes = record.bytes
                    bytes[index] ^= 1 << UInt8(bit)
                    let error = failure { () throws(SealingError) in
                        let record = try SealedRecord(decoding: bytes, kind: kind)
                        if kind == .version {
                            _ = try own.openVersion(record, number: 1, of: place)
                        } else {
                            _ = try sample.keyring.openOwnKey(record, of: place)
                        }
                    }
                    #expect(error != nil)
                }
            }
        }
    }

    @Test("What was sealed opens through the store's bytes, field by field")
    func roundTrip() throws {
        let key = try sample.keyring.openOwnKey(try SealedRecord(decoding: wrapped.bytes, kind: .wrappedKey), of: place)
        let opened = try key.openVersion(
            try SealedRecord(decoding: version(7).bytes, kind: .version), number: 7, of: place)
        #expect(opened.names == ["id", "note", "value"])
        #expect(opened.value(of: "value")?.disclosedText() == "sk_test")
        #expect(opened.value(of: "note")?.count == 0)
        #expect(opened.count(of: "id") == 2)
        #expect(opened.value(of: "none") == nil)
        var seen: [String] = []
        opened.forEach { name, value in seen.append("\(name)=\(String(decoding: value.array, as: UTF8.self))") }
        #expect(seen == ["id=42", "note=", "value=sk_test"])
    }

    @Test("Fields without a name, twice the same name, or none at all are no version")
    func badContent() {
        func refusal(_ fields: [(name: String, value: WipedBytes)]) -> SealingError? {
            failure { () throws(SealingError) in try VersionContent(fields) }
        }
        #expect(refusal([]) == .malformed(.version))
        #expect(refusal([("", wiped("x"))]) == .malformed(.version))
        #expect(refusal([("a", wiped("x")), ("a", wiped("y"))]) == .malformed(.version))
    }

    @Test("Two sealings of the same content have nothing in common")
    func fresh() {
        let (first, second) = (version(), version())
        #expect(first.mark.nonce != second.mark.nonce)
        #expect(first.mark.tag != second.mark.tag)
        #expect(first.bytes != second.bytes)
    }
}
