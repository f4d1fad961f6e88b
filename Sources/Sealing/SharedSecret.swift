internal import SecretMemory

/// A secret on guarded pages that several owners refer to; wiped when the last lets go.
final class SharedSecret: Sendable {
    private let secret: SecretBytes

    init(copying bytes: RawSpan) throws(SealingError) {
        secret = try mappingMemoryErrors { () throws(SecretMemoryError) in try SecretBytes(copying: bytes) }
    }

    init(random: any RandomSource) throws(SealingError) {
        secret = try mappingMemoryErrors { () throws(SecretMemoryError) in
            try SecretBytes.random(count: 32, from: random)
        }
    }

    init(_ secret: consuming SecretBytes) { self.secret = secret }

    /// Lends the bytes to `body`.
    func withBytes<R: ~Copyable, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try secret.withBytes(body)
    }

    /// Lends the secret to `body`.
    func withSecret<R: ~Copyable, E: Error>(_ body: (borrowing SecretBytes) throws(E) -> R) throws(E) -> R {
        try body(secret)
    }
}
