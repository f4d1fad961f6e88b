extension RawSpan {
    /// The byte at `offset`; the bounds are checked.
    func byte(at offset: Int) -> UInt8 {
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }
}
