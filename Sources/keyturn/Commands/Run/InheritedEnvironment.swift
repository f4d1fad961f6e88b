internal import SecretMemory
internal import VaultAPI

/// The environment that this process was started with, byte for byte.
enum InheritedEnvironment {
    /// - Throws: a failure where `/proc` is not there.
    static func read() throws(Failure) -> [[UInt8]] {
        let bytes: WipedBytes
        do {
            bytes = try SecretFile.read("/proc/self/environ", named: "/proc/self/environ", limit: 8 << 20)
        } catch {
            throw Failure(.failed, error.sentence)
        }
        return bytes.withBytes { span in
            var entries: [[UInt8]] = []
            var entry: [UInt8] = []
            for index in 0..<span.byteCount {
                let byte = span.byte(index)
                if byte != 0 {
                    entry.append(byte)
                } else {
                    if !entry.isEmpty { entries.append(entry) }
                    entry = []
                }
            }
            if !entry.isEmpty { entries.append(entry) }
            return entries
        }
    }
}
