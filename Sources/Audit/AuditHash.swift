internal import CSodium

/// 32 bytes of BLAKE2b-256 (RFC 7693), as the chain and its heads use them.
package struct AuditHash: Hashable, Sendable, CustomStringConvertible {
    /// The bytes in order, most significant first, eight to a word.
    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// 32 zero bytes: what comes before the first line.
    package static let zero = AuditHash(words: (0, 0, 0, 0))

    private init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// - Returns: nil unless there are 32 bytes.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        var list = [UInt64](repeating: 0, count: 4)
        for (index, byte) in bytes.enumerated() { list[index / 8] = list[index / 8] << 8 | UInt64(byte) }
        words = (list[0], list[1], list[2], list[3])
    }

    /// - Returns: nil unless there are 64 digits, `0-9a-f`.
    package init?(hex: some Collection<UInt8>) {
        guard hex.count == 64 else { return nil }
        var list = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        var position = 0
        for digit in hex {
            let value: UInt64
            switch digit {
            case 0x30...0x39: value = UInt64(digit - 0x30)
            case 0x61...0x66: value = UInt64(digit - 0x61 + 10)
            default: return nil
            }
            switch position / 16 {
            case 0: list.0 = list.0 << 4 | value
            case 1: list.1 = list.1 << 4 | value
            case 2: list.2 = list.2 << 4 | value
            default: list.3 = list.3 << 4 | value
            }
            position += 1
        }
        words = list
    }

    /// The BLAKE2b-256 hash of `input`, without a key.
    package static func blake2b(_ input: [UInt8]) -> AuditHash { unsafe blake2b(input.span.bytes) }

    /// The same of a part of something.
    static func blake2b(_ input: RawSpan) -> AuditHash {
        var output = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        unsafe withUnsafeMutableBytes(of: &output) { target in
            unsafe input.withUnsafeBytes { source in
                guard let start = unsafe target.bindMemory(to: UInt8.self).baseAddress else { return }
                _ = unsafe crypto_generichash(
                    start, target.count, source.bindMemory(to: UInt8.self).baseAddress, UInt64(source.count), nil, 0)
            }
        }
        return AuditHash(
            words: (output.0.bigEndian, output.1.bigEndian, output.2.bigEndian, output.3.bigEndian))
    }

    package var bytes: [UInt8] {
        var result: [UInt8] = []
        append(to: &result)
        return result
    }

    func append(to target: inout [UInt8]) {
        let words = (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian)
        unsafe withUnsafeBytes(of: words) { unsafe target.append(contentsOf: $0) }
    }

    func put(to writer: inout LineWriter) {
        writer.put(bigEndian: words.0)
        writer.put(bigEndian: words.1)
        writer.put(bigEndian: words.2)
        writer.put(bigEndian: words.3)
    }

    func appendHex(to target: inout [UInt8]) {
        let start = target.count
        target.append(contentsOf: repeatElement(0, count: 64))
        unsafe target.withUnsafeMutableBytes { target in
            var writer = unsafe LineWriter(target, from: start)
            putHex(to: &writer)
        }
    }

    func putHex(to writer: inout LineWriter) {
        put(words.0, to: &writer)
        put(words.1, to: &writer)
        put(words.2, to: &writer)
        put(words.3, to: &writer)
    }

    private func put(_ word: UInt64, to writer: inout LineWriter) {
        writer.put(bigEndian: Self.digits(of: UInt32(truncatingIfNeeded: word >> 32)))
        writer.put(bigEndian: Self.digits(of: UInt32(truncatingIfNeeded: word)))
    }

    /// The eight digits of a number, the first in the highest byte; all are made at once, since each line has 64.
    private static func digits(of number: UInt32) -> UInt64 {
        // Spread to four bits in each byte, step by step.
        var digits = UInt64(number)
        digits = (digits << 16 | digits) & 0x0000_FFFF_0000_FFFF
        digits = (digits << 8 | digits) & 0x00FF_00FF_00FF_00FF
        digits = (digits << 4 | digits) & 0x0F0F_0F0F_0F0F_0F0F
        // One in each byte that is ten or more, whose digits begin at "a".
        let letters = (digits + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return digits + 0x3030_3030_3030_3030 + letters * 0x27
    }

    /// 64 hexadecimal digits in lower case.
    package var description: String {
        var text: [UInt8] = []
        appendHex(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    package static func == (a: AuditHash, b: AuditHash) -> Bool { a.words == b.words }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.3)
    }
}

/// A place in the chain: the last entry's sequence and hash. Before the first entry: 0 and zeros.
package struct AuditHead: Hashable, Sendable, CustomStringConvertible {
    package let sequence: UInt64
    package let hash: AuditHash

    package init(sequence: UInt64, hash: AuditHash) {
        self.sequence = sequence
        self.hash = hash
    }

    /// The head of an empty log.
    package static let start = AuditHead(sequence: 0, hash: .zero)

    package var description: String { "\(sequence) \(hash)" }
}
