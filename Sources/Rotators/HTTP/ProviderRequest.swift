internal import Outbound
internal import SecretMemory

extension ProviderFile.Request {
    /// The request with every name replaced.
    func render(to origin: Origin, _ values: TemplateValues) throws(RenderProblem) -> OutboundRequest {
        var rendered = OutboundRequest(method, origin, try target.render(values))
        rendered.headers.append(("accept", "application/json"))
        for (name, value) in headers {
            let text = try value.render(.header, values)
            if name.lowercased() == "accept" { rendered.headers.removeFirst() }
            rendered.headers.append((name, text))
        }
        if let basic {
            let user = try basic.user.render(.basic, values)
            // A colon would end the user's name (RFC 7617 section 2).
            if user.utf8.contains(UInt8(ascii: ":")), let name = basic.user.names.first { throw .unfit(name) }
            let pair = "\(user):\(try basic.password.render(.basic, values))"
            rendered.headers.append(("authorization", "Basic " + Base64.encode(Array(pair.utf8))))
        }
        switch body {
        case .json(let json):
            rendered.body = try json.render(values)
            rendered.headers.append(("content-type", "application/json"))
        case .form(let pairs):
            var text = ""
            for (name, value) in pairs {
                text += text.isEmpty ? "" : "&"
                text += (Template.escape(name, .query) ?? "") + "="
                // Fixed text too is written as a form wants it.
                for part in value.parts {
                    switch part {
                    case .text(let plain): text += Template.escape(plain, .query) ?? ""
                    case .name: text += try Template(parts: [part]).render(.query, values)
                    }
                }
            }
            rendered.body = Array(text.utf8)
            rendered.headers.append(("content-type", "application/x-www-form-urlencoded"))
        case nil: break
        }
        return rendered
    }
}

/// Base64 with padding (RFC 4648 section 4).
enum Base64 {
    static func encode(_ bytes: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var value: UInt32 = 0
            for offset in 0..<3 { value = value << 8 | UInt32(offset < group.count ? group[start + offset] : 0) }
            for digit in 0..<4 {
                text.append(
                    digit <= group.count ? digits[Int(value >> (18 - 6 * UInt32(digit)) & 63)] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Days of the calendar, in UTC.
enum DayText {
    /// The day some days after a time in milliseconds since 1970, as `2027-01-31`.
    static func day(_ milliseconds: Int64, daysAhead: Int) -> String {
        let (year, month, day) = civil((milliseconds / 86_400_000) + Int64(daysAhead))
        return "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))"
    }

    /// Year, month and day of a number of days since 1970-01-01 in the Gregorian calendar; not before it.
    static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let ofEra = shifted - era * 146_097
        let year = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * year + year / 4 - year / 100)
        let index = (5 * ofYear + 2) / 153
        let month = index < 10 ? index + 3 : index - 9
        return (year + era * 400 + (month <= 2 ? 1 : 0), month, ofYear - (153 * index + 2) / 5 + 1)
    }

    /// A number with zeros in front.
    static func digits(_ number: Int64, _ count: Int) -> String {
        let text = "\(number)"
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
}
