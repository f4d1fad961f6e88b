internal import SecretMemory

extension Reply {
    /// An object of secrets and of what goes with them.
    static func secrets(
        _ secrets: [(name: String, value: WipedBytes)], texts: [(name: String, value: String)] = [],
        numbers: [(name: String, value: Int)] = []
    ) -> Reply {
        let size = secrets.reduce(0) { $0 + SecretJSONWriter.capacity(for: $1.value) + 32 }
        var writer = SecretJSONWriter(capacity: size + 512)
        writer.beginObject()
        for (name, value) in texts {
            writer.name(name)
            writer.string(value)
        }
        for (name, value) in numbers {
            writer.name(name)
            writer.integer(value)
        }
        for (name, value) in secrets {
            writer.name(name)
            writer.secret(value)
        }
        writer.endObject()
        return Reply(secret: writer)
    }
}

extension WipedBytes {
    /// The parts between bytes of `separator`, spaces around them left out; empty parts too.
    func split(at separator: UInt8) -> [WipedBytes] {
        withBytes { bytes in
            func byte(_ offset: Int) -> UInt8 { unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self) }
            var parts: [WipedBytes] = []
            var start = 0
            for end in 0...bytes.byteCount where end == bytes.byteCount || byte(end) == separator {
                var (first, last) = (start, end)
                while first < last, byte(first) == UInt8(ascii: " ") { first += 1 }
                while last > first, byte(last - 1) == UInt8(ascii: " ") { last -= 1 }
                parts.append(WipedBytes(copying: bytes.extracting(first..<last)))
                start = end + 1
            }
            return parts
        }
    }

    /// Whether the bytes are UTF-8, found out without a copy.
    var isUTF8: Bool {
        withBytes { bytes in
            unsafe bytes.withUnsafeBytes { buffer in
                let span = unsafe Span<UInt8>(_unsafeBytes: buffer)
                return (try? UTF8Span(validating: span)) != nil
            }
        }
    }
}
