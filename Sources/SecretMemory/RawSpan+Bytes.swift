extension RawSpan {
    /// The byte at `offset`, which must lie inside.
    @inlinable package func byte(at offset: Int) -> UInt8 {
        precondition(offset >= 0 && offset < byteCount)
        return unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    /// A copy of the bytes on the ordinary heap, for what is no secret.
    package var array: [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }
}

extension MutableRawSpan {
    /// Copies all of `bytes` to `offset`; they must fit.
    package mutating func copy(_ bytes: RawSpan, to offset: Int) {
        precondition(offset >= 0 && offset <= byteCount && bytes.byteCount <= byteCount - offset)
        unsafe withUnsafeMutableBytes { target in
            unsafe bytes.withUnsafeBytes { source in
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[offset...]).copyMemory(from: source)
            }
        }
    }
}
