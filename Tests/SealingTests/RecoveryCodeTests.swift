import SecretMemory
import Testing

@testable import Sealing

@Suite("Recovery codes")
struct RecoveryCodeTests {
    private func text(_ slot: UInt8) throws -> String {
        try RecoveryCode.generate(slot: slot, random: SystemRandom()).text.withBytes {
            String(decoding: $0.array, as: UTF8.self)
        }
    }

    private func parse(_ typed: String) throws -> (slot: UInt8, text: String) {
        let code = try RecoveryCode(parsing: Array(typed.utf8).span.bytes)
        return (code.slot, code.text.withBytes { String(decoding: $0.array, as: UTF8.self) })
    }

    private func looksLikeOne(_ typed: String) -> Bool {
        let bytes = Array(typed.utf8)
        return RecoveryCode.looksLikeOne(bytes.span.bytes)
    }

    private func refused(_ typed: String) -> Bool {
        failure { () throws(SealingError) in
            try RecoveryCode(parsing: Array(typed.utf8).span.bytes)
        } == .recoveryCode
    }

    @Test("A mistyped character is refused wherever it stands")
    func mistyped() throws {
        let code = Array(try text(3))
        var accepted = 0
        for index in code.indices where code[index] != "-" {
            for other in "0123456789ABCDEFGHJKMNPQRSTVWXYZU*é" where other != code[index] {
                var typed = code
                typed[index] = other
                // One and l are the same by design; a check of ten bits lets one in a thousand pass.
                if !refused(String(typed)) { accepted += 1 }
            }
        }
        #expect(accepted < 12)
    }

    @Test("A code with a character too few or too many, or nothing at all, is refused")
    func lengths() throws {
        let code = try text(3)
        for count in 0..<code.count { #expect(refused(String(code.prefix(count)))) }
        #expect(refused(code + "0"))
        #expect(refused("KTR2" + code.dropFirst(4)))
        #expect(refused(String(repeating: " ", count: 300) + code))
    }

    @Test("A code is read as people type it")
    func forgiving() throws {
        for slot in 0..<Slot.limit {
            let code = try text(slot)
            let loose = code.replacing("0", with: "o").replacing("1", with: "l").replacing("-", with: "  ")
            for typed in [code, code.lowercased(), loose.lowercased(), code.replacing("-", with: ""), " \(code)\n"] {
                let parsed = try parse(typed)
                #expect(parsed.slot == slot)
                #expect(parsed.text == code)
                #expect(looksLikeOne(typed))
            }
        }
    }

    @Test("A code reads KTR1 and seven groups of five, and no two are the same")
    func form() throws {
        let codes = try (0..<50).map { _ in try text(1) }
        #expect(Set(codes).count == 50)
        for code in codes {
            let groups = code.split(separator: "-", omittingEmptySubsequences: false)
            #expect(groups.map(\.count) == [4, 5, 5, 5, 5, 5, 5, 5])
            #expect(groups[0] == "KTR1")
            #expect(groups[1].first == "1")
        }
    }

    @Test("A passphrase does not look like a recovery code")
    func passphrases() {
        for passphrase in ["", "KTR", "correct horse", "KTS1-00000", "\u{1F511}"] {
            #expect(!looksLikeOne(passphrase))
        }
    }
}
