extension WireRefusal {
    /// Longer names, and those with digits or capitals, are not repeated: they could be secrets.
    private static let longestName = 24

    /// `name` where it is safe to repeat, else nil.
    package static func repeatable(_ name: String) -> String? {
        let isPlain = name.utf8.allSatisfy {
            $0 == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
        }
        return isPlain && !name.isEmpty && name.utf8.count <= longestName ? name : nil
    }

    /// `keys[3].fields` for a path of coding keys; nil for the top of the document.
    static func fieldName(_ path: [any CodingKey]) -> String? {
        var text = ""
        for key in path {
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                if !text.isEmpty { text += "." }
                text += repeatable(key.stringValue) ?? "*"
            }
        }
        return text.isEmpty ? nil : text
    }
}
