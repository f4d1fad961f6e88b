internal import NIOHTTP1
internal import SecretMemory

extension KeyedDigest {
    /// Of all that a head says. Two heads that differ in anything are told apart.
    init(of head: HTTPRequestHead, _ key: Key) {
        let method = head.method.rawValue
        let size = head.headers.reduce(2 + 4 + method.utf8.count + 4 + head.uri.utf8.count) {
            $0 + 8 + $1.name.utf8.count + $1.value.utf8.count
        }
        self = WipedBytes.onStack(count: size) { span in
            unsafe span.withUnsafeMutableBytes { target in
                var text = unsafe HeadText(target)
                text.put(UInt8(truncatingIfNeeded: head.version.major))
                text.put(UInt8(truncatingIfNeeded: head.version.minor))
                text.put(method)
                text.put(head.uri)
                for (name, value) in head.headers {
                    text.put(name)
                    text.put(value)
                }
            }
            return KeyedDigest(of: span.bytes, key)
        }
    }
}

/// Puts texts together, each with its length before it.
@safe private struct HeadText: ~Copyable {
    private let target: UnsafeMutableRawBufferPointer
    private var end = 0

    init(_ target: UnsafeMutableRawBufferPointer) { unsafe self.target = target }

    mutating func put(_ byte: UInt8) {
        unsafe target.storeBytes(of: byte, toByteOffset: end, as: UInt8.self)
        end += 1
    }

    mutating func put(_ text: String) {
        let bytes = unsafe text.utf8Span.span.bytes
        let place = end + 4
        end = place + bytes.byteCount
        precondition(unsafe end <= target.count)
        unsafe target.storeBytes(of: UInt32(bytes.byteCount), toByteOffset: place - 4, as: UInt32.self)
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe UnsafeMutableRawBufferPointer(rebasing: target[place...]).copyMemory(from: bytes)
        }
    }
}
