internal import SecretMemory

/// A message of at most `size` bytes that is put together on the stack, to be hashed or authenticated. Integers are
/// big-endian.
struct FixedMessage<let size: Int> {
    private var storage = InlineArray<size, UInt8>(repeating: 0)
    private(set) var count = 0

    mutating func append(_ byte: UInt8) {
        storage[count] = byte
        count += 1
    }

    mutating func append(bigEndian value: some FixedWidthInteger & BitwiseCopyable) { append(copyOf: value.bigEndian) }

    mutating func append(_ bytes: some FixedBytes) { append(copyOf: bytes) }

    mutating func append(_ bytes: RawSpan) {
        for offset in 0..<bytes.byteCount { append(bytes.byte(at: offset)) }
    }

    private mutating func append<T: BitwiseCopyable>(copyOf value: T) {
        var span = storage.mutableSpan
        var raw = unsafe span.mutableBytes
        raw.storeBytes(of: value, toByteOffset: count, as: T.self)
        count += MemoryLayout<T>.size
    }

    mutating func append(ascii text: StaticString) {
        text.withUTF8Buffer { unsafe $0.forEach { append($0) } }
    }

    /// Lends the bytes to `body`.
    func withBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try body(unsafe storage.span.bytes.extracting(0..<count))
    }
}
