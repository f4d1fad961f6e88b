import SecretMemory
import Testing

@testable import Sealing

@Suite("Slots")
struct SlotTests {
    private func open(_ slot: Slot, _ passphrase: String, vault: VaultID? = nil) throws -> SealingError? {
        let passphrase = try secret(passphrase)
        return failure { () throws(SealingError) in
            try slot.open(passphrase, vault: vault, limits: relaxed, availableKiB: { nil })
        }
    }

    @Test("A wrong passphrase and a damaged slot are told apart")
    func toldApart() throws {
        let slot = try Sample().slot("correct")
        #expect(try open(slot, "correct") == nil)
        #expect(try open(slot, "incorrect") == .wrongPassphrase)
        #expect(try open(slot, "correct\n") == .wrongPassphrase)
        for index in slot.wrappedRoot.indices {
            var wrapped = slot.wrappedRoot
            wrapped[index] ^= 1
            let damaged = Slot(
                header: slot.header, generation: slot.generation, commitment: slot.commitment, wrappedRoot: wrapped)
            #expect(try open(damaged, "correct") == .damagedSlot)
        }
    }

    @Test("Any flipped bit of a slot is refused; in its generation, which the sums cover, it changes the mark")
    func flippedBits() throws {
        let sample = try Sample()
        let slot = try sample.slot("correct")
        let encoded = slot.encoded
        let passphrase = try secret("correct")
        for index in encoded.indices {
            for bit in 0..<8 {
                var bytes = encoded
                bytes[index] ^= 1 << UInt8(bit)
                var opened: Slot?
                let error = failure { () throws(SealingError) in
                    let slot = try Slot(decoding: bytes)
                    _ = try slot.open(passphrase, vault: sample.vault, limits: relaxed, availableKiB: { nil })
                    opened = slot
                }
                if let opened {
                    #expect(opened.header == slot.header)
                    #expect(opened.generation != slot.generation)
                    #expect(opened.mark != slot.mark)
                } else {
                    #expect(error != nil)
                }
            }
        }
    }

    @Test("A slot of another vault is refused")
    func otherVault() throws {
        let (sample, other) = (try Sample(), try Sample())
        let slot = try sample.slot("correct")
        #expect(try open(slot, "correct", vault: other.vault) == .otherVault)
        let h = slot.header
        let moved = Slot(
            header: SlotHeader(
                vault: other.vault, number: h.number, kind: h.kind, costs: h.costs, salt: h.salt, nonce: h.nonce),
            generation: slot.generation, commitment: slot.commitment, wrappedRoot: slot.wrappedRoot)
        #expect(try open(moved, "correct", vault: other.vault) == .wrongPassphrase)
    }

    @Test("Costs out of range are refused before any work is done")
    func costsRefused() throws {
        let limits = CostLimits.standard
        func refusal(_ memory: UInt32, _ iterations: UInt32, _ parallelism: UInt32) -> SealingError? {
            failure { () throws(SealingError) in
                try limits.check(
                    DerivationCosts(memoryKiB: memory, iterations: iterations, parallelism: parallelism))
            }
        }
        #expect(refusal(64 << 10, 3, 1) == nil)
        #expect(refusal(2 << 20, 10, 8) == nil)
        #expect(refusal(2 << 20, 1, 8) == nil)
        #expect(refusal((64 << 10) - 1, 3, 1) == .costsRefused(.memory))
        #expect(refusal((2 << 20) + 1, 3, 1) == .costsRefused(.memory))
        #expect(refusal(.max, 3, 1) == .costsRefused(.memory))
        #expect(refusal(0, 3, 1) == .costsRefused(.memory))
        #expect(refusal((2 << 20) - 1, 1, 1) == .costsRefused(.iterations))
        #expect(refusal(256 << 10, 2, 4) == .costsRefused(.iterations))
        #expect(refusal(256 << 10, 11, 4) == .costsRefused(.iterations))
        #expect(refusal(2 << 20, 0, 4) == .costsRefused(.iterations))
        #expect(refusal(256 << 10, 3, 0) == .costsRefused(.parallelism))
        #expect(refusal(256 << 10, 3, 9) == .costsRefused(.parallelism))
        // The cheap slot is refused by the limits that the program has, and nobody asked for memory.
        let slot = try Sample().slot("correct")
        let passphrase = try secret("correct")
        var asked = false
        let error = failure { () throws(SealingError) in
            try slot.open(
                passphrase,
                availableKiB: {
                    asked = true
                    return nil
                })
        }
        #expect(error == .costsRefused(.memory))
        #expect(!asked)
    }

    @Test("A slot that asks for more memory than there is is refused")
    func memory() throws {
        let slot = try Sample().slot("correct")
        let passphrase = try secret("correct")
        func open(available: UInt64) -> SealingError? {
            failure { () throws(SealingError) in
                try slot.open(passphrase, limits: relaxed, availableKiB: { available })
            }
        }
        #expect(open(available: 63) == .notEnoughMemory)
        #expect(open(available: 64) == nil)
    }

    @Test("A slot of a newer format says so, and one of no format is malformed")
    func formats() throws {
        var bytes = try Sample().slot("correct").encoded
        bytes[1] = 2
        #expect(failure { () throws(SealingError) in try Slot(decoding: bytes) } == .newerFormat(2))
        bytes.removeFirst(2)
        #expect(failure { () throws(SealingError) in try Slot(decoding: bytes) } == .malformed(.slot))
        #expect(failure { () throws(SealingError) in try Slot(decoding: []) } == .malformed(.slot))
    }

    @Test("Every passphrase opens the same root key, and a slot key wraps another without a derivation")
    func severalSlots() throws {
        let sample = try Sample()
        func root(_ slot: Slot, _ passphrase: String) throws -> (root: RootKey, key: SlotKey) {
            try Slot(decoding: slot.encoded).open(
                try secret(passphrase), vault: sample.vault, limits: relaxed, availableKiB: { nil })
        }
        let original = sample.root.withBytes { $0.array }
        for number in 0..<Slot.limit {
            let slot = try sample.slot("passphrase \(number)", number: number)
            #expect(try root(slot, "passphrase \(number)").root.withBytes { $0.array } == original)
        }
        let slot = try sample.slot("first", number: 7)
        let key = try root(slot, "first").key
        let next = try RootKey.generate(random: SystemRandom())
        let rewrapped = key.wrap(
            next, number: 7, kind: .passphrase, vault: sample.vault, generation: 9, random: SystemRandom())
        #expect(rewrapped.mark != slot.mark)
        #expect(rewrapped.header.nonce != slot.header.nonce)
        #expect(try root(rewrapped, "first").root.withBytes { $0.array } == next.withBytes { $0.array })
    }

    @Test("A passphrase loses one final newline and nothing else")
    func normalisation() throws {
        func normalised(_ bytes: [UInt8]) throws -> [UInt8] {
            try Passphrase.normalised(bytes.span.bytes).withBytes { $0.array }
        }
        #expect(try normalised(Array("a b\n".utf8)) == Array("a b".utf8))
        #expect(try normalised(Array(" a\r\n\n".utf8)) == Array(" a\r\n".utf8))
        #expect(try normalised([0xff, 0x00]) == [0xff, 0x00])
        #expect(try normalised([UInt8](repeating: 1, count: 1024) + [10]).count == 1024)
        for refused in [[], [10], [UInt8](repeating: 1, count: 1025)] {
            #expect(throws: SealingError.passphraseLength) { try normalised(refused) }
        }
    }
}
