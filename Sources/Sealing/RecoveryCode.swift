package import SecretMemory

/// A passphrase that the vault makes for a slot of its own: 160 random bits, the slot's number and a check, as
/// `KTR1-` and seven groups of five characters of Crockford's base 32. It is printed once.
package struct RecoveryCode: ~Copyable, Sendable {
    /// The slot that it opens.
    package let slot: UInt8
    /// The canonical text, 46 ASCII characters; these bytes are the slot's passphrase.
    package let text: SecretBytes

    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    private static let prefix = Array("KTR1".utf8)
    private static let symbolCount = 35
    private static let textCount = 46

    private init(slot: UInt8, text: consuming SecretBytes) {
        self.slot = slot
        self.text = text
    }

    /// A new code for `slot`, 0 to 7.
    ///
    /// - Throws: ``SealingError/memory(_:)``.
    package static func generate(slot: UInt8, random: any RandomSource) throws(SealingError) -> RecoveryCode {
        precondition(slot < Slot.limit)
        let bits = WipedBytes(count: 20) { random.fill(&$0) }
        let symbols = WipedBytes(count: symbolCount) { span in
            span.storeBytes(of: slot, toByteOffset: 0, as: UInt8.self)
            bits.withBytes { bits in
                for index in 0..<32 {
                    // Five bits from bit 5 * index on, the most significant first.
                    let (offset, shift) = (5 * index / 8, 5 * index % 8)
                    let pair =
                        UInt16(bits.byte(at: offset)) << 8 | (offset < 19 ? UInt16(bits.byte(at: offset + 1)) : 0)
                    let symbol = UInt8(truncatingIfNeeded: pair >> UInt16(11 - shift)) & 31
                    span.storeBytes(of: symbol, toByteOffset: 1 + index, as: UInt8.self)
                }
            }
            let check = check(of: span)
            span.storeBytes(of: check.0, toByteOffset: 33, as: UInt8.self)
            span.storeBytes(of: check.1, toByteOffset: 34, as: UInt8.self)
        }
        return RecoveryCode(slot: slot, text: try canonicalText(symbols))
    }

    /// Reads a code as typed: in either case, with O for 0 and I or L for 1, with or without hyphens, with spaces anywhere.
    ///
    /// - Throws: ``SealingError/recoveryCode``, ``SealingError/memory(_:)``.
    package init(parsing typed: RawSpan) throws(SealingError) {
        guard typed.byteCount <= 256 else { throw .recoveryCode }
        var count = 0
        var isValid = true
        let symbols = WipedBytes(count: RecoveryCode.symbolCount) { span in
            for offset in 0..<typed.byteCount {
                let byte = typed.byte(at: offset)
                if RecoveryCode.isSeparator(byte) { continue }
                guard let symbol = RecoveryCode.symbol(byte), count < 4 + RecoveryCode.symbolCount else {
                    isValid = false
                    return
                }
                if count < 4 {
                    isValid = isValid && RecoveryCode.alphabet[Int(symbol)] == RecoveryCode.prefix[count]
                } else {
                    span.storeBytes(of: symbol, toByteOffset: count - 4, as: UInt8.self)
                }
                count += 1
            }
            guard count == 4 + RecoveryCode.symbolCount else {
                isValid = false
                return
            }
            let check = RecoveryCode.check(of: span)
            let bytes = span.bytes
            isValid = isValid && bytes.byte(at: 33) == check.0 && bytes.byte(at: 34) == check.1
        }
        let slot = symbols.withBytes { $0.byte(at: 0) }
        guard isValid, slot < Slot.limit else { throw .recoveryCode }
        self.init(slot: slot, text: try RecoveryCode.canonicalText(symbols))
    }

    /// Whether `typed` begins as a recovery code does, so that an unseal can take the slot from it.
    package static func looksLikeOne(_ typed: RawSpan) -> Bool {
        var count = 0
        for offset in 0..<typed.byteCount where count < 4 {
            let byte = typed.byte(at: offset)
            if isSeparator(byte) { continue }
            guard let symbol = symbol(byte), alphabet[Int(symbol)] == prefix[count] else { return false }
            count += 1
        }
        return count == 4
    }

    private static func isSeparator(_ byte: UInt8) -> Bool { " -\t\r\n".utf8.contains(byte) }

    /// The value of a character, 0 to 31.
    private static func symbol(_ byte: UInt8) -> UInt8? {
        var upper = byte
        if byte >= UInt8(ascii: "a"), byte <= UInt8(ascii: "z") { upper -= 32 }
        switch upper {
        case UInt8(ascii: "O"): return 0
        case UInt8(ascii: "I"), UInt8(ascii: "L"): return 1
        default: return alphabet.firstIndex(of: upper).map { UInt8($0) }
        }
    }

    /// Ten bits of the hash of the prefix and the first 33 characters.
    private static func check(of symbols: borrowing MutableRawSpan) -> (UInt8, UInt8) {
        let message = WipedBytes(count: 37) { span in
            for index in 0..<4 { span.storeBytes(of: prefix[index], toByteOffset: index, as: UInt8.self) }
            for index in 0..<33 {
                let symbol = symbols.bytes.byte(at: index)
                span.storeBytes(of: alphabet[Int(symbol)], toByteOffset: 4 + index, as: UInt8.self)
            }
        }
        let hash = message.withBytes { Blake2b.hash($0, for: .recovery) }
        Stack.wipe()
        return hash.withBytes { ($0.byte(at: 0) >> 3, ($0.byte(at: 0) & 7) << 2 | $0.byte(at: 1) >> 6) }
    }

    private static func canonicalText(_ symbols: WipedBytes) throws(SealingError) -> SecretBytes {
        try mappingMemoryErrors { () throws(SecretMemoryError) in
            try SecretBytes(count: textCount) { span in
                for index in 0..<4 { span.storeBytes(of: prefix[index], toByteOffset: index, as: UInt8.self) }
                symbols.withBytes { symbols in
                    for index in 0..<symbolCount {
                        let offset = 4 + index + index / 5 + 1
                        if index % 5 == 0 {
                            span.storeBytes(of: UInt8(ascii: "-"), toByteOffset: offset - 1, as: UInt8.self)
                        }
                        let character = alphabet[Int(symbols.byte(at: index))]
                        span.storeBytes(of: character, toByteOffset: offset, as: UInt8.self)
                    }
                }
            }
        }
    }
}
