internal import CSodium

/// A secret of fixed length on pages of its own: guarded on both sides, locked where the system allows it,
/// read-only from the moment it is made, wiped when it goes.
///
/// The bytes are reached only inside ``withBytes(_:)``. There is no description, no copy and no encoding,
/// so that a secret cannot reach a log by accident. Making and freeing one costs tens of microseconds:
/// keep these for keys and passphrases, and use ``WipedBytes`` for what one request needs.
@safe package struct SecretBytes: ~Copyable, @unchecked Sendable {
    @usableFromInline let base: UnsafeMutableRawPointer
    /// The length in bytes.
    package let count: Int

    /// Makes a secret of `count` bytes, which `fill` writes; afterwards it is read-only.
    ///
    /// - Parameter count: at least 1.
    /// - Throws: ``SecretMemoryError/outOfMemory`` where the pages cannot be had, and what `fill` throws as
    ///   ``SecretMemoryError/fillFailed``.
    package init(count: Int, filledBy fill: (inout MutableRawSpan) throws(SecretMemoryError) -> Void)
        throws(SecretMemoryError)
    {
        try Sodium.start()
        guard count > 0 else { throw .emptySecret }
        guard let base = unsafe sodium_malloc(count) else { throw .outOfMemory }
        unsafe sodium_memzero(base, count)
        do throws(SecretMemoryError) {
            var span = unsafe MutableRawSpan(_unsafeStart: base, byteCount: count)
            try fill(&span)
            guard unsafe sodium_mprotect_readonly(base) == 0 else { throw .protectionFailed }
        } catch {
            unsafe sodium_free(base)
            throw error
        }
        unsafe self.base = unsafe base
        self.count = count
    }

    /// Copies `bytes`. The caller wipes the original.
    ///
    /// - Throws: ``SecretMemoryError/emptySecret`` for no bytes, ``SecretMemoryError/outOfMemory``.
    package init(copying bytes: RawSpan) throws(SecretMemoryError) {
        try self.init(count: bytes.byteCount) { (span: inout MutableRawSpan) throws(SecretMemoryError) in
            unsafe span.withUnsafeMutableBytes { target in
                unsafe bytes.withUnsafeBytes { source in unsafe target.copyMemory(from: source) }
            }
        }
    }

    /// `count` bytes from `random`.
    package static func random(count: Int, from random: any RandomSource) throws(SecretMemoryError) -> SecretBytes {
        try SecretBytes(count: count) { (span: inout MutableRawSpan) throws(SecretMemoryError) in
            random.fill(&span)
        }
    }

    deinit { unsafe sodium_free(base) }

    /// Lends the bytes to `body`.
    @inlinable package borrowing func withBytes<R: ~Copyable, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R
    {
        try body(unsafe RawSpan(_unsafeStart: base, byteCount: count))
    }

    /// Whether both hold the same bytes, in a time that depends on the length alone.
    package borrowing func isEqual(to other: borrowing SecretBytes) -> Bool {
        unsafe count == other.count && sodium_memcmp(base, other.base, count) == 0
    }

    /// A second secret with the same bytes.
    package borrowing func copy() throws(SecretMemoryError) -> SecretBytes {
        try SecretBytes(copying: unsafe RawSpan(_unsafeStart: base, byteCount: count))
    }
}

/// Whether two byte strings are the same, in a time that depends on their lengths alone.
package func constantTimeEqual(_ a: RawSpan, _ b: RawSpan) -> Bool {
    guard a.byteCount == b.byteCount else { return false }
    guard a.byteCount > 0 else { return true }
    return unsafe a.withUnsafeBytes { left in
        unsafe b.withUnsafeBytes { right in
            unsafe sodium_memcmp(left.baseAddress, right.baseAddress, left.count) == 0
        }
    }
}
