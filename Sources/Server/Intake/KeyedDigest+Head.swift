internal import NIOHTTP1
internal import SecretMemory

extension KeyedDigest {
    /// Of all that a head says. Two heads that differ in anything are told apart.
    init(of head: HTTPRequestHead, _ key: Key) {
        let method = head.method.rawValue
        let size = head.headers.reduce(2 + 4 + method.utf8.count + 4 + head.uri.utf8.count) {
            $0 + 8 + $1.name.utf8.count + $1.value.utf8.count
        }
        let text = WipedBytes(count: size) { (span: inout MutableRawSpan) in
            unsafe span.withUnsafeMutableBytes { target in
                var end = 2
                // Each with its length before it.
                func put(_ text: String) {
                    unsafe text.utf8Span.span.bytes.withUnsafeBytes { bytes in
                        unsafe target.storeBytes(of: UInt32(bytes.count), toByteOffset: end, as: UInt32.self)
                        unsafe UnsafeMutableRawBufferPointer(rebasing: target[(end + 4)...]).copyMemory(from: bytes)
                        end += 4 + bytes.count
                    }
                }
                unsafe target[0] = UInt8(truncatingIfNeeded: head.version.major)
                unsafe target[1] = UInt8(truncatingIfNeeded: head.version.minor)
                put(method)
                put(head.uri)
                for (name, value) in head.headers {
                    put(name)
                    put(value)
                }
            }
        }
        self = text.withBytes { KeyedDigest(of: $0, key) }
    }
}
