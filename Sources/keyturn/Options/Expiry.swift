internal import IssuedKeys
internal import VaultAPI

/// When something ends, as people say it: a time, or how long from now.
enum Expiry: Equatable {
    case at(Timestamp)
    /// Milliseconds from now; the text as it was typed.
    case after(milliseconds: Int64, text: String)

    /// - Parameter option: for the message.
    init(_ text: String, option: String) throws(Failure) {
        if let moment = Timestamp(parsing: text) {
            self = .at(moment)
        } else if let length = try? DurationText.milliseconds(text) {
            self = .after(milliseconds: length, text: text)
        } else if text.utf8.first == UInt8(ascii: "0"), text.utf8.dropLast().allSatisfy({ $0 == UInt8(ascii: "0") }) {
            throw .usage("\(option) takes a time to come: more than nothing, such as 1h or 90d")
        } else {
            throw .usage("\(option) takes a time such as 2027-01-31T12:00:00Z, or how long from now, such as 90d")
        }
    }

    /// The moment, counted from `now` where it is a duration. Past the year 9999 it is that year's end.
    func moment(now: Int64) -> Timestamp {
        switch self {
        case .at(let moment): return moment
        case .after(let length, _):
            let (sum, overflow) = now.addingReportingOverflow(length)
            return overflow ? .last : min(Timestamp(milliseconds: sum), .last)
        }
    }
}
