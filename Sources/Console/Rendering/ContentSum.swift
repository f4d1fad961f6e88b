internal import CSodium

/// The first 16 bytes of BLAKE2b-256, by which a browser knows a file again.
enum ContentSum {
    static func bytes(of content: [UInt8]) -> [UInt8] {
        var sum = [UInt8](repeating: 0, count: 32)
        unsafe sum.withUnsafeMutableBufferPointer { target in
            unsafe content.withUnsafeBufferPointer { source in
                guard let start = target.baseAddress else { return }
                _ = unsafe crypto_generichash(
                    start, target.count, source.baseAddress, UInt64(source.count), nil, 0)
            }
        }
        return Array(sum.prefix(16))
    }
}
