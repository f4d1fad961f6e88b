internal import Configuration
internal import SecretMemory
internal import VaultAPI

extension ConfigContent {
    /// Stored bytes as a type; nil where they do not read as one.
    init?(_ bytes: [UInt8], as type: ConfigType) {
        if type == .bytes {
            self = .bytes(bytes)
            return
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        let content: ConfigContent? =
            switch type {
            case .string: .string(text)
            case .int: Int(text).map { .int($0) }
            case .double: Double(text).map { .double($0) }
            case .bool: Self.bool(text).map { .bool($0) }
            case .bytes: .bytes(bytes)
            case .stringArray: .stringArray(Self.parts(text))
            case .intArray: Self.all(text) { Int($0) }.map { .intArray($0) }
            case .doubleArray: Self.all(text) { Double($0) }.map { .doubleArray($0) }
            case .boolArray: Self.all(text, Self.bool).map { .boolArray($0) }
            case .byteChunkArray: Self.all(text, Self.decode).map { .byteChunkArray($0) }
            }
        guard let content else { return nil }
        self = content
    }

    private static func bool(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "yes", "1": true
        case "false", "no", "0": false
        default: nil
        }
    }

    private static func decode(_ text: String) -> [UInt8]? {
        Base64.decode(WipedBytes(utf8: text))?.withBytes { span in
            unsafe span.withUnsafeBytes { unsafe [UInt8]($0) }
        }
    }

    /// Between commas, without the white space around.
    private static func parts(_ text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            String(part.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
        }
    }

    private static func all<Element>(_ text: String, _ read: (String) -> Element?) -> [Element]? {
        var elements: [Element] = []
        for part in parts(text) {
            guard let element = read(part) else { return nil }
            elements.append(element)
        }
        return elements
    }
}
