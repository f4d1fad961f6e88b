internal import CSodium

/// libsodium's own start, once per process.
package enum Sodium {
    private static let started: Bool = sodium_init() >= 0

    /// Starts libsodium if it has not been started; every use of it in this package comes after this.
    ///
    /// - Throws: ``SecretMemoryError/libraryUnavailable``.
    package static func start() throws(SecretMemoryError) {
        guard started else { throw .libraryUnavailable }
    }

    /// ``wipe(_:)-([UInt8])`` for other memory.
    @usableFromInline static func wipe(_ bytes: UnsafeMutableRawBufferPointer) {
        if let start = bytes.baseAddress { unsafe sodium_memzero(start, bytes.count) }
    }

    /// Overwrites `bytes` with zeros in a way that the compiler does not remove.
    package static func wipe(_ bytes: inout [UInt8]) {
        unsafe bytes.withUnsafeMutableBytes { buffer in
            if let start = buffer.baseAddress { unsafe sodium_memzero(start, buffer.count) }
        }
    }
}
