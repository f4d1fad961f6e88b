/// What a template in a provider file can name: fields, and nothing that could be computed.
enum TemplateName: Hashable, Sendable {
    /// A field of the credential in service.
    case current(String)
    /// A field of the new credential, in `test`.
    case candidate(String)
    /// The provider's name for the credential that is to be retired, in `retire`.
    case retiredHandle
    /// A field of the key that the setting `credential` names.
    case credential(String)
    case setting(String)
    /// A day, some days after the attempt began, as `2027-01-31`.
    case date(String)
    /// `keyturn-`, 16 digits of the key's id, `-` and 32 of the attempt's: the same for every try at one candidate.
    case mark
    /// The number of the page, in `list`.
    case page
    /// What the page before said, in `list`.
    case cursor

    /// - Returns: nil for what names nothing.
    init?(parsing text: String) {
        switch text {
        case "mark": self = .mark
        case "page": self = .page
        case "cursor": self = .cursor
        case "retired.handle": self = .retiredHandle
        default:
            let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, Self.isName(parts[1]) else { return nil }
            switch parts[0] {
            case "current": self = .current(parts[1])
            case "candidate": self = .candidate(parts[1])
            case "credential": self = .credential(parts[1])
            case "setting": self = .setting(parts[1])
            case "date": self = .date(parts[1])
            default: return nil
            }
        }
    }

    /// Whether `text` can name a field or a setting: `[a-z][a-z0-9_]*`, at most 64 bytes.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) else { return false }
        return text.utf8.count <= 64
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    /// As it is written in a file.
    var text: String {
        switch self {
        case .current(let field): "current.\(field)"
        case .candidate(let field): "candidate.\(field)"
        case .retiredHandle: "retired.handle"
        case .credential(let field): "credential.\(field)"
        case .setting(let name): "setting.\(name)"
        case .date(let name): "date.\(name)"
        case .mark: "mark"
        case .page: "page"
        case .cursor: "cursor"
        }
    }
}
