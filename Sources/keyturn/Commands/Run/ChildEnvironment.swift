internal import SecretMemory
internal import VaultAPI

/// The environment of the program, as bytes: what is inherited may be no UTF-8, and stays as it is.
struct ChildEnvironment {
    /// What the program does not get: with the access key it could fetch more than it was given.
    static let withheld: Set<String> = ["KEYTURN_ACCESS_KEY", "KEYTURN_ACCESS_KEY_FILE"]

    /// Each `NAME=value`, without a zero byte.
    private(set) var entries: [[UInt8]]

    /// - Parameter inherited: entries of this process.
    init(inherited: [[UInt8]]) {
        entries = inherited.filter { !Self.withheld.contains(Self.name(of: $0)) }
    }

    /// Sets a variable, whatever it was before.
    ///
    /// - Throws: a failure where the value holds a zero byte, which no environment can.
    mutating func set(_ name: String, to value: WipedBytes) throws(Failure) {
        var entry = Array(name.utf8) + [UInt8(ascii: "=")]
        entry.reserveCapacity(entry.count + value.count)
        value.withBytes { span in
            for index in 0..<span.byteCount { entry.append(span.byte(index)) }
        }
        guard !entry.contains(0) else {
            throw Failure(.failed, "the value for \(name) holds a zero byte, which no environment can hold")
        }
        entries.removeAll { Self.name(of: $0) == name }
        entries.append(entry)
    }

    private static func name(of entry: [UInt8]) -> String {
        String(decoding: entry.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)
    }
}
