/// The fields of one line: a flat JSON object whose values are text and whole numbers.
struct LineFields {
    private enum Value {
        case text(Range<Int>)
        case number(UInt64)
    }

    private let bytes: [UInt8]
    private var fields: [(name: Range<Int>, value: Value)] = []

    /// - Returns: nil where the line is not such an object.
    init?(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        fields.reserveCapacity(20)
        var reader = ByteReader(bytes, range)
        guard reader.takeByte() == 0x7B else { return nil }
        while true {
            guard let name = Self.quoted(&reader), reader.takeByte() == 0x3A else { return nil }
            if reader.next == 0x22 {
                guard let text = Self.quoted(&reader) else { return nil }
                fields.append((name, .text(text)))
            } else {
                guard let number = reader.number() else { return nil }
                fields.append((name, .number(number)))
            }
            switch reader.takeByte() {
            case 0x2C: continue
            case 0x7D where reader.isAtEnd: return
            default: return nil
            }
        }
    }

    /// The text of a field, its escapes undone; nil where there is no such text.
    func text(_ name: String) -> String? {
        for field in fields {
            guard case .text(let range) = field.value, bytes[field.name].elementsEqual(name.utf8) else { continue }
            return Self.decoded(bytes[range])
        }
        return nil
    }

    func number(_ name: String) -> UInt64? {
        for field in fields {
            guard case .number(let value) = field.value, bytes[field.name].elementsEqual(name.utf8) else { continue }
            return value
        }
        return nil
    }

    /// The milliseconds since 1970 of field `time`.
    var time: Int64? {
        for field in fields {
            guard case .text(let range) = field.value, bytes[field.name].elementsEqual("time".utf8) else { continue }
            return Timestamp.parse(bytes[range])
        }
        return nil
    }

    /// Takes a quoted text, and gives the range between its quotes.
    private static func quoted(_ reader: inout ByteReader) -> Range<Int>? {
        guard reader.takeByte() == 0x22 else { return nil }
        let start = reader.position
        while let byte = reader.takeByte() {
            switch byte {
            case 0x22: return start..<(reader.position - 1)
            case 0x5C: guard reader.takeByte() != nil else { return nil }
            case 0x20...0x7E: continue
            default: return nil
            }
        }
        return nil
    }

    private static func decoded(_ text: ArraySlice<UInt8>) -> String {
        guard text.contains(0x5C) else { return String(decoding: text, as: UTF8.self) }
        var units: [UInt16] = []
        var index = text.startIndex
        while index < text.endIndex {
            guard text[index] == 0x5C, index + 1 < text.endIndex else {
                units.append(UInt16(text[index]))
                index += 1
                continue
            }
            if text[index + 1] == 0x75, index + 5 < text.endIndex, let unit = escape(text[(index + 2)...(index + 5)]) {
                units.append(unit)
                index += 6
            } else {
                units.append(UInt16(text[index + 1]))
                index += 2
            }
        }
        return String(decoding: units, as: UTF16.self)
    }

    private static func escape(_ digits: ArraySlice<UInt8>) -> UInt16? {
        UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
