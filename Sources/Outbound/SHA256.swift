internal import CSodium
package import SecretMemory

/// SHA-256 (FIPS 180-4), and the keyed code over it, for requests that are signed.
package enum SHA256 {
    /// 32 bytes.
    package static func digest(_ message: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        unsafe crypto_hash_sha256(&digest, message, UInt64(message.count))
        return digest
    }

    /// HMAC-SHA-256 (RFC 2104) of `message` under a key of any length: 32 bytes.
    package static func code(_ message: [UInt8], key: WipedBytes) -> WipedBytes {
        WipedBytes(count: 32) { (code: inout MutableRawSpan) in
            var state = crypto_auth_hmacsha256_state()
            var key = key.withBytes { $0.array }
            _ = unsafe crypto_auth_hmacsha256_init(&state, key, key.count)
            Sodium.wipe(&key)
            _ = unsafe crypto_auth_hmacsha256_update(&state, message, UInt64(message.count))
            unsafe code.withUnsafeMutableBytes { code in
                guard let start = code.baseAddress else { return }
                _ = unsafe crypto_auth_hmacsha256_final(&state, start.assumingMemoryBound(to: UInt8.self))
            }
            unsafe sodium_memzero(&state, MemoryLayout<crypto_auth_hmacsha256_state>.size)
        }
    }

    /// Lower-case hexadecimal digits.
    package static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
