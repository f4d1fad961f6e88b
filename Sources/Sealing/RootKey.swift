package import SecretMemory

/// The key at the top: 32 random bytes, which slots wrap and which seals the keyring.
package final class RootKey: Sendable {
    private let secret: SharedSecret

    init(copying bytes: RawSpan) throws(SealingError) { secret = try SharedSecret(copying: bytes) }

    private init(_ secret: SharedSecret) { self.secret = secret }

    /// A new one.
    ///
    /// - Throws: ``SealingError/memory(_:)``.
    package static func generate(random: any RandomSource) throws(SealingError) -> RootKey {
        RootKey(try SharedSecret(random: random))
    }

    /// Lends the 32 bytes to `body`.
    package func withBytes<R: ~Copyable, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try secret.withBytes(body)
    }

    /// The key that seals the keyring of `vault`.
    func keyringKey(of vault: VaultID) -> WipedBytes {
        vault.bytes.withBytes { vault in
            withBytes { root in Blake2b.derive(vault, key: root, for: .keyring) }
        }
    }
}
