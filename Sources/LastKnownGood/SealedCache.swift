internal import CSodium
package import SecretMemory

/// Values that a vault gave before, sealed for who asked for them.
///
/// Eight bytes `KTLKG001`, a nonce of 24 bytes, and what XChaCha20-Poly1305 makes of the contents: the ciphertext and its
/// tag of 16 bytes. The eight bytes and the hash of the ``CacheBinding`` are its associated data.
package enum SealedCache {
    private static let magic = Array("KTLKG001".utf8)
    private static let nonceSize = 24
    private static let tagSize = 16

    /// - Parameter random: gives the nonce.
    package static func seal(
        _ contents: WipedBytes, with key: CacheKey, for binding: CacheBinding, random: any RandomSource = SystemRandom()
    ) -> [UInt8] {
        let nonce = random.bytes(nonceSize)
        let data = associatedData(binding)
        var ciphertext = [UInt8](repeating: 0, count: contents.count + tagSize)
        unsafe ciphertext.withUnsafeMutableBytes { output in
            unsafe withPointers(contents, key, nonce, data) { contents, key, nonce, data in
                guard let output = unsafe output.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
                _ = unsafe crypto_aead_xchacha20poly1305_ietf_encrypt(
                    output, nil, contents.baseAddress, UInt64(contents.count), data.baseAddress, UInt64(data.count),
                    nil, nonce, key)
            }
        }
        return magic + nonce + ciphertext
    }

    /// The contents, or nil where the bytes are no cache, were changed, or were sealed with another key or for another
    /// vault or other names.
    package static func open(_ bytes: [UInt8], with key: CacheKey, for binding: CacheBinding) -> WipedBytes? {
        let start = magic.count + nonceSize
        guard bytes.count >= start + tagSize, bytes.starts(with: magic) else { return nil }
        let nonce = Array(bytes[magic.count..<start])
        let sealed = Array(bytes[start...])
        let ciphertext = unsafe WipedBytes(copying: sealed.span.bytes)
        let data = associatedData(binding)
        var opened = false
        let contents = WipedBytes(count: ciphertext.count - tagSize) { (span: inout MutableRawSpan) in
            unsafe span.withUnsafeMutableBytes { output in
                unsafe withPointers(ciphertext, key, nonce, data) { ciphertext, key, nonce, data in
                    guard let from = ciphertext.baseAddress else { return }
                    opened =
                        unsafe crypto_aead_xchacha20poly1305_ietf_decrypt(
                            output.baseAddress?.assumingMemoryBound(to: UInt8.self), nil, nil, from,
                            UInt64(ciphertext.count), data.baseAddress, UInt64(data.count), nonce, key) == 0
                }
            }
        }
        return opened ? contents : nil
    }

    private static func associatedData(_ binding: CacheBinding) -> [UInt8] {
        magic + Hash.of(binding.bytes, for: "keyturn lkg bind")
    }

    private static func withPointers(
        _ message: WipedBytes, _ key: CacheKey, _ nonce: [UInt8], _ data: [UInt8],
        _ body: (
            UnsafeBufferPointer<UInt8>, UnsafePointer<UInt8>, UnsafePointer<UInt8>, UnsafeBufferPointer<UInt8>
        ) -> Void
    ) {
        message.withBytes { message in
            key.bytes.withBytes { key in
                unsafe message.withUnsafeBytes { message in
                    unsafe key.withUnsafeBytes { key in
                        unsafe nonce.withUnsafeBufferPointer { nonce in
                            unsafe data.withUnsafeBufferPointer { data in
                                guard let key = unsafe key.baseAddress?.assumingMemoryBound(to: UInt8.self),
                                    let nonce = nonce.baseAddress
                                else { return }
                                unsafe body(unsafe message.assumingMemoryBound(to: UInt8.self), key, nonce, data)
                            }
                        }
                    }
                }
            }
        }
        sodium_stackzero(4096)
    }
}
