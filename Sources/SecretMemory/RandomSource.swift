internal import CSodium

/// Where random bytes come from; injected, so that a test can repeat itself.
package protocol RandomSource: Sendable {
    /// Overwrites all of `bytes`.
    func fill(_ bytes: inout MutableRawSpan)
}

/// The system's generator, by way of libsodium.
package struct SystemRandom: RandomSource {
    package init() {}

    package func fill(_ bytes: inout MutableRawSpan) {
        unsafe bytes.withUnsafeMutableBytes { buffer in
            if let start = buffer.baseAddress { unsafe randombytes_buf(start, buffer.count) }
        }
    }
}

extension RandomSource {
    /// `count` random bytes that are no secret: an id, a nonce, a salt.
    package func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var span = bytes.mutableSpan
        var raw = unsafe span.mutableBytes
        fill(&raw)
        return bytes
    }
}
