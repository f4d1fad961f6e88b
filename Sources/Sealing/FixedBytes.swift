package import FoundationEssentials
package import SecretMemory

/// A byte string of fixed length that is held inline: an id, a nonce, a tag. Not for secrets.
package protocol FixedBytes: Hashable, Sendable, BitwiseCopyable, CustomStringConvertible {
    /// All zeros.
    init()
}

/// 16 bytes.
package struct Bytes16: FixedBytes {
    private var a: UInt64 = 0
    private var b: UInt64 = 0
    package init() {}
}

/// 24 bytes.
package struct Bytes24: FixedBytes {
    private var a: UInt64 = 0
    private var b: UInt64 = 0
    private var c: UInt64 = 0
    package init() {}
}

/// 32 bytes.
package struct Bytes32: FixedBytes {
    private var a: UInt64 = 0
    private var b: UInt64 = 0
    private var c: UInt64 = 0
    private var d: UInt64 = 0
    package init() {}
}

extension FixedBytes {
    /// The length in bytes.
    package static var count: Int { MemoryLayout<Self>.size }

    /// Copies `bytes`; nil unless they are exactly as many.
    package init?(_ bytes: RawSpan) {
        guard bytes.byteCount == Self.count else { return nil }
        self.init()
        unsafe withUnsafeMutableBytes(of: &self) { target in
            unsafe bytes.withUnsafeBytes { source in unsafe target.copyMemory(from: source) }
        }
    }

    /// Copies `bytes`; nil unless they are exactly as many.
    package init?(_ bytes: [UInt8]) { unsafe self.init(bytes.span.bytes) }

    /// Copies `bytes`; nil unless they are exactly as many.
    package init?(_ bytes: Data) { self.init([UInt8](bytes)) }

    /// Draws the bytes from `random`.
    package init(from random: any RandomSource) {
        self.init()
        self.withMutableBytes { random.fill(&$0) }
    }

    /// The bytes as an array.
    package var bytes: [UInt8] { unsafe withUnsafeBytes(of: self) { unsafe Array($0) } }

    /// The bytes as data, for a message's field.
    package var data: Data { Data(bytes) }

    /// Lowercase hexadecimal.
    package var description: String {
        unsafe String(unsafeUninitializedCapacity: Self.count * 2) { text in
            unsafe withUnsafeBytes(of: self) { bytes in
                for offset in 0..<bytes.count {
                    let byte = unsafe bytes[offset]
                    unsafe text[2 * offset] = Self.digit(byte >> 4)
                    unsafe text[2 * offset + 1] = Self.digit(byte & 15)
                }
            }
            return Self.count * 2
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// Lends the bytes to `body`.
    func withBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try unsafe withUnsafeBytes(of: self) { (buffer) throws(E) in try body(unsafe buffer.bytes) }
    }

    /// Lends the bytes to `body` for writing.
    mutating func withMutableBytes<R, E: Error>(_ body: (inout MutableRawSpan) throws(E) -> R) throws(E) -> R {
        try unsafe withUnsafeMutableBytes(of: &self) { (buffer) throws(E) in
            var span = unsafe buffer.mutableBytes
            return try body(&span)
        }
    }
}
