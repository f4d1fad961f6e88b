import SecretMemory
import Testing

@testable import Audit

@Suite("A checkpoint") struct CheckpointTests {
    static let name = "keyturn.example/audit"

    static func seed(_ first: UInt8 = 0, count: Int = 32) throws -> SecretBytes {
        let bytes = (0..<count).map { first &+ UInt8($0) }
        return try SecretBytes(copying: bytes.span.bytes)
    }

    static func checkpoint() throws -> Checkpoint {
        let hash = try #require(AuditHash(bytes: Array(100..<132)))
        return try Checkpoint(origin: name, head: AuditHead(sequence: 1234, hash: hash), time: someTime)
    }

    static func signed() throws -> (note: String, key: CheckpointKey) {
        (try checkpoint().signed(seed: try seed()), try CheckpointKey(name: name, seed: try seed()))
    }

    @Test("is refused with any bit of it changed")
    func flipped() throws {
        let (note, key) = try Self.signed()
        let bytes = Array(note.utf8)
        for index in bytes.indices {
            for bit in [0, 3, 6] {
                var changed = bytes
                changed[index] ^= 1 << bit
                let text = String(decoding: changed, as: UTF8.self)
                #expect(throws: CheckpointError.self) { try Checkpoint(verifying: text, by: key) }
            }
        }
    }

    @Test("is refused by another key, another name, and without a signature")
    func otherKeys() throws {
        let (note, key) = try Self.signed()
        let other = try CheckpointKey(name: Self.name, seed: try Self.seed(1))
        #expect(throws: CheckpointError.notSigned) { try Checkpoint(verifying: note, by: other) }
        let named = try CheckpointKey(name: "other.example/audit", seed: try Self.seed())
        #expect(throws: CheckpointError.notSigned) { try Checkpoint(verifying: note, by: named) }
        let text = try Self.checkpoint().text
        for broken in [
            "", "\n", text, text + "\n", note + "\n", note.replacingOccurrences("\n\n", "\n"), "\n" + note.drop("\n\n"),
        ] {
            #expect(throws: CheckpointError.self) { try Checkpoint(verifying: broken, by: key) }
        }
    }

    @Test("is refused when a signature in the key's name is not the key's, even beside a good one")
    func badBesideGood() throws {
        let (note, key) = try Self.signed()
        let forged = "\u{2014} \(Self.name) \(Base64.encode(key.id + [UInt8](repeating: 7, count: 64)))\n"
        #expect(throws: CheckpointError.badSignature) { try Checkpoint(verifying: note + forged, by: key) }
    }

    @Test(
        "takes no name that a note cannot carry",
        arguments: ["", "a b", "a+b", "a\nb", "a\u{A0}b", "a\u{2028}", "a\u{7F}"])
    func names(_ name: String) throws {
        #expect(throws: CheckpointError.badName) {
            try Checkpoint(origin: name, head: .start, time: 0)
        }
        #expect(throws: CheckpointError.badName) { try CheckpointKey(name: name, seed: try Self.seed()) }
    }

    @Test("takes no seed of another length")
    func seeds() throws {
        #expect(throws: CheckpointError.badSeed) { try CheckpointKey(name: Self.name, seed: try Self.seed(count: 31)) }
    }

    @Test("takes no verifier key that is not one")
    func keys() throws {
        let text = try CheckpointKey(name: Self.name, seed: try Self.seed()).description
        #expect(try CheckpointKey(parsing: text).description == text)
        for broken in ["", "a+b", "a+b+c", text + "A", "x" + text, text.replacingOccurrences("+AQ", "+Ag")] {
            #expect(throws: CheckpointError.badKey) { try CheckpointKey(parsing: broken) }
        }
    }

    @Test("is believed with the public key alone, and beside signatures of others")
    func verified() throws {
        let (note, key) = try Self.signed()
        let parsed = try CheckpointKey(parsing: key.description)
        #expect(try Checkpoint(verifying: note, by: parsed) == Self.checkpoint())
        let witness = "\u{2014} witness.example \(Base64.encode([1, 2, 3, 4, 5]))\n"
        #expect(try Checkpoint(verifying: note + witness, by: parsed) == Self.checkpoint())
    }

    @Test("reads notes as the C2SP specification writes them")
    func form() throws {
        let (note, key) = try Self.signed()
        #expect(
            note.hasPrefix(
                "keyturn.example/audit\n1234\nZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoM=\n"
                    + "keyturn-audit 1 2026-11-21T03:29:07.000Z\n\n\u{2014} keyturn.example/audit "))
        #expect(key.publicKey.count == 32 && note.hasSuffix("\n"))
    }
}

extension String {
    fileprivate func replacingOccurrences(_ old: String, _ new: String) -> String {
        split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
    }

    /// What comes after `mark`.
    fileprivate func drop(_ mark: String) -> String {
        String(split(separator: mark, maxSplits: 1).last ?? "")
    }
}
