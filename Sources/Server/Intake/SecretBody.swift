internal import NIOCore
internal import SecretMemory
internal import VaultAPI

/// Moves a passphrase from the buffers that it came in to locked pages. It is never a `String`.
enum SecretBody {
    private static let field: StaticString = "passphrase="

    /// - Parameters:
    ///   - chunks: the body; wiped.
    ///   - isForm: whether it says that it is a form. A body that says so and does not start with the field is taken as
    ///     it is, because command line clients say so of everything that they send.
    /// - Throws: ``Refusal``, or where the pages cannot be had ``SecretMemoryError``.
    static func make(of chunks: inout [ByteBuffer], count: Int, isForm: Bool) throws -> SecretBytes {
        let plain = wiped(&chunks, count: count)
        guard isForm, startsWithField(plain) else {
            return try plain.withBytes { (bytes) throws(SecretMemoryError) in try SecretBytes(copying: bytes) }
        }
        return try decoded(plain, count: count)
    }

    /// The bytes of a body in one piece.
    ///
    /// - Parameter chunks: the body; wiped.
    static func wiped(_ chunks: inout [ByteBuffer], count: Int) -> WipedBytes {
        let plain = WipedBytes(count: count) { (target: inout MutableRawSpan) in
            var offset = 0
            for index in chunks.indices {
                let size = chunks[index].readableBytes
                unsafe chunks[index].withUnsafeMutableReadableBytes { source in
                    for step in 0..<size {
                        target.storeBytes(of: unsafe source[step], toByteOffset: offset + step, as: UInt8.self)
                        unsafe source[step] = 0
                    }
                }
                offset += size
            }
        }
        chunks = []
        return plain
    }

    private static func startsWithField(_ bytes: WipedBytes) -> Bool {
        guard bytes.count >= field.utf8CodeUnitCount else { return false }
        return bytes.withBytes { bytes in
            for offset in 0..<field.utf8CodeUnitCount
            where unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self) != field.utf8Start[offset] {
                return false
            }
            return true
        }
    }

    private static func decoded(_ form: WipedBytes, count: Int) throws -> SecretBytes {
        var length: Int? = nil
        var isAlone = true
        let copy = WipedBytes(count: count) { (target: inout MutableRawSpan) in
            form.withBytes { source in
                for offset in source.byteOffsets {
                    let byte = unsafe source.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
                    if byte == UInt8(ascii: "&") { isAlone = false }
                    target.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
                }
            }
            length = PercentDecoding.decode(inPlace: &target, from: field.utf8CodeUnitCount)
        }
        guard isAlone, let length, length > 0 else {
            throw Refusal(
                .malformed, "a form has exactly one field, `passphrase`, well encoded; or send application/octet-stream"
            )
        }
        return try copy.withBytes { (bytes) throws(SecretMemoryError) in
            try SecretBytes(copying: bytes.extracting(first: length))
        }
    }
}
