/// Something that is counted by itself: one key, one caller, one issued key.
package struct UsageSubject: Hashable, Sendable {
    package enum Kind: UInt8, CaseIterable, Sendable {
        /// Everything together.
        case all = 0
        /// A key, by its path.
        case key = 1
        /// A caller: the line of access keys that follow one another, by the first one's id.
        case accessKey = 2
        /// A caller: a Unix user, by number.
        case unixUser = 3
        /// A caller: a client certificate.
        case certificate = 4
        /// One issued key, by its id; access keys are among them.
        case issuedKey = 5
        /// An issuer, by name.
        case issuer = 6
    }

    package var kind: Kind
    /// Empty for everything together, and for what is left of subjects that have been folded.
    package var id: String

    package init(_ kind: Kind, _ id: String) {
        self.kind = kind
        self.id = id
    }

    package static let all = UsageSubject(.all, "")

    /// What subjects of a kind count under that have no counters of their own.
    package static func other(_ kind: Kind) -> UsageSubject { UsageSubject(kind, "") }

    /// Which page it stands on, 1 to ``UsageLimits/pages``: FNV-1a, the same in every process.
    var page: Int {
        var hash: UInt32 = 2_166_136_261
        hash = (hash ^ UInt32(kind.rawValue)) &* 16_777_619
        for byte in id.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return 1 + Int((hash ^ hash >> 16) & UInt32(UsageLimits.pages - 1))
    }
}

/// Bounds of what is kept. At its largest a book takes less than 100 MB.
package struct UsageLimits: Sendable {
    /// Pages that subjects are spread over, a power of two. Part of the format of what is stored.
    package static let pages = 256
    /// Hours that are kept one by one; older ones are added up to days.
    package var hours = 7 * 24
    /// Days that are kept.
    package var days = 400
    package var keys = 50_000
    package var callers = 10_000
    package var issuedKeys = 100_000
    package var issuers = 1_000
    /// Different codes; those that come later count as `other`.
    package var codes = 96
    /// Different codes of one subject in one hour or day.
    package var codesOfOne = 24
    /// Readers of one key that are known by name: the latest.
    package var readers = 16
    /// Numbers that are kept, of all subjects together.
    package var cells = 2_000_000
    /// A subject that was in use within this time, in milliseconds, is never folded to make room.
    package var idle: Int64 = 86_400_000

    package init() {}

    func most(_ kind: UsageSubject.Kind) -> Int {
        switch kind {
        case .all: 1
        case .key: keys
        case .accessKey, .unixUser, .certificate: callers
        case .issuedKey: issuedKeys
        case .issuer: issuers
        }
    }
}
