internal import CSodium

/// Secret bytes for the length of one request: on the ordinary heap, wiped when the last reference goes.
///
/// Cheaper than ``SecretBytes`` and shareable, for values on their way out of the vault. It prints as
/// `[secret]` whatever it holds.
@safe package final class WipedBytes: @unchecked Sendable, CustomStringConvertible, CustomReflectable {
    @usableFromInline let base: UnsafeMutableRawBufferPointer
    /// The length in bytes; may be 0.
    package var count: Int { unsafe base.count }

    /// `count` bytes, which `fill` writes.
    @inlinable package init<E: Error>(count: Int, filledBy fill: (inout MutableRawSpan) throws(E) -> Void) throws(E) {
        unsafe base = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
        var span = unsafe base.mutableBytes
        try fill(&span)
    }

    /// Copies `bytes`. The caller wipes the original.
    package convenience init(copying bytes: RawSpan) {
        self.init(count: bytes.byteCount) { (span: inout MutableRawSpan) in
            unsafe span.withUnsafeMutableBytes { target in
                unsafe bytes.withUnsafeBytes { source in unsafe target.copyMemory(from: source) }
            }
        }
    }

    /// Copies the UTF-8 of `text`.
    package convenience init(utf8 text: String) {
        unsafe self.init(copying: text.utf8Span.span.bytes)
    }

    /// Lends `body` `count` bytes on the stack, zeros at first and wiped afterwards: for what is secret and short, and not
    /// kept.
    @inlinable @inline(__always) package static func onStack<R>(count: Int, _ body: (inout MutableRawSpan) -> R) -> R {
        unsafe withUnsafeTemporaryAllocation(byteCount: count, alignment: 16) { bytes in
            unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0)
            defer { unsafe Sodium.wipe(bytes) }
            var span = unsafe bytes.mutableBytes
            return body(&span)
        }
    }

    deinit {
        if let start = unsafe base.baseAddress { unsafe sodium_memzero(start, base.count) }
        unsafe base.deallocate()
    }

    /// Lends the bytes to `body`.
    @inlinable package func withBytes<R: ~Copyable, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try body(unsafe base.bytes)
    }

    /// The bytes as text, or nil where they are not UTF-8. The text is an ordinary string: hold it briefly.
    package func disclosedText() -> String? {
        unsafe String(validating: base, as: UTF8.self)
    }

    package var description: String { "[secret]" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
