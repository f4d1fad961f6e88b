internal import SecretMemory

/// A value while it is being decoded; wiped when it goes.
final class ValueScratch {
    private var bytes: [UInt8] = []

    /// - Parameter capacity: at least as many bytes as will be appended, so that the buffer never moves and leaves a
    ///   copy behind. No form of quoting here makes a value longer.
    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    deinit { Sodium.wipe(&bytes) }

    var count: Int { bytes.count }

    func append(_ byte: UInt8) { bytes.append(byte) }

    /// Appends `scalar` in UTF-8.
    func append(_ scalar: Unicode.Scalar) {
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { bytes.append(byte) }
    }

    /// A copy of what has been appended.
    func value() -> WipedBytes {
        unsafe bytes.withUnsafeBytes { unsafe WipedBytes(copying: RawSpan(_unsafeBytes: $0)) }
    }

    /// What has been appended, as text; for names.
    func text() -> String { String(decoding: bytes, as: UTF8.self) }
}
