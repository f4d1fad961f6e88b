internal import CSodium
internal import SecretMemory

/// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03, section 2) by way of libsodium. The tag follows the ciphertext.
enum AEAD {
    static let tagSize = 16

    /// Appends the ciphertext and the tag to `output`.
    ///
    /// - Parameter key: 32 bytes.
    static func seal(
        _ plaintext: RawSpan, key: RawSpan, nonce: Bytes24, associatedData: RawSpan, to output: inout [UInt8]
    ) {
        precondition(key.byteCount == 32)
        let start = output.count
        output.append(contentsOf: repeatElement(0, count: plaintext.byteCount + tagSize))
        unsafe output.withUnsafeMutableBytes { output in
            unsafe plaintext.withUnsafeBytes { plaintext in
                unsafe associatedData.withUnsafeBytes { associatedData in
                    unsafe key.withUnsafeBytes { key in
                        unsafe withUnsafeBytes(of: nonce) { nonce in
                            guard let output = unsafe output.baseAddress?.assumingMemoryBound(to: UInt8.self),
                                let nonce = unsafe nonce.bytePointer, let key = unsafe key.bytePointer
                            else { return }
                            _ = unsafe crypto_aead_xchacha20poly1305_ietf_encrypt(
                                output + start, nil, plaintext.bytePointer, UInt64(plaintext.count),
                                associatedData.bytePointer, UInt64(associatedData.count), nil, nonce, key)
                        }
                    }
                }
            }
        }
        Stack.wipe()
    }

    /// Writes the plaintext over `output`, which is 16 bytes shorter than `ciphertext`.
    ///
    /// - Returns: false where the tag is wrong; `output` is then zeros.
    static func open(
        _ ciphertext: RawSpan, key: RawSpan, nonce: Bytes24, associatedData: RawSpan, into output: inout MutableRawSpan
    ) -> Bool {
        precondition(key.byteCount == 32 && ciphertext.byteCount == output.byteCount + tagSize)
        let status = unsafe output.withUnsafeMutableBytes { output in
            unsafe ciphertext.withUnsafeBytes { ciphertext in
                unsafe associatedData.withUnsafeBytes { associatedData in
                    unsafe key.withUnsafeBytes { key in
                        unsafe withUnsafeBytes(of: nonce) { nonce -> Int32 in
                            guard let from = unsafe ciphertext.bytePointer, let nonce = unsafe nonce.bytePointer,
                                let key = unsafe key.bytePointer
                            else { return -1 }
                            return unsafe crypto_aead_xchacha20poly1305_ietf_decrypt(
                                output.baseAddress?.assumingMemoryBound(to: UInt8.self), nil, nil,
                                from, UInt64(ciphertext.count),
                                associatedData.bytePointer, UInt64(associatedData.count), nonce, key)
                        }
                    }
                }
            }
        }
        Stack.wipe()
        return status == 0
    }

    /// The plaintext of `ciphertext`, or nil where it is shorter than a tag or the tag is wrong.
    static func open(
        _ ciphertext: RawSpan, key: RawSpan, nonce: Bytes24, associatedData: RawSpan
    ) -> WipedBytes? {
        guard ciphertext.byteCount >= tagSize else { return nil }
        var opened = false
        let plaintext = WipedBytes(count: ciphertext.byteCount - tagSize) { span in
            opened = open(ciphertext, key: key, nonce: nonce, associatedData: associatedData, into: &span)
        }
        return opened ? plaintext : nil
    }
}

extension UnsafeRawBufferPointer {
    fileprivate var bytePointer: UnsafePointer<UInt8>? { unsafe baseAddress?.assumingMemoryBound(to: UInt8.self) }
}
