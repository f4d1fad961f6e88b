/// A value that is one word of a closed list. Another word is refused with the list, never with itself.
package protocol WireWord: RawRepresentable, Codable, CaseIterable, Hashable, Sendable where RawValue == String {}

extension WireWord {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let word = Self(rawValue: text) else {
            throw WireRefusal(at: decoder.codingPath, expected: "one of \(Self.list)")
        }
        self = word
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    /// The words, for a message.
    package static var list: String { allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ") }
}

/// Who may see that a key exists beyond those who may read it. Told to callers; access itself is the policies' matter.
package enum Visibility: String, WireWord {
    case `private`, `public`
}

/// Where a key is in its life.
package enum KeyState: String, WireWord {
    case active, expired, trashed
}

/// Which keys a list holds.
package enum KeyStateFilter: String, WireWord {
    case active, expired, trashed, all
}

/// Which version of a key is served, and how.
package enum VersionStage: String, WireWord {
    case current, pending, previous
}

/// The stages whose versions are handed out. A pending one may not work yet, or never.
package enum ServedStage: String, WireWord {
    case current, previous
}

/// How the fields of a key are written in JSON.
package enum FieldEncoding: String, WireWord {
    /// As text.
    case utf8
    /// As base64 (RFC 4648, section 4, with padding), for bytes that are no text.
    case base64
}

/// Where an issued key is in its life.
package enum IssuedKeyState: String, WireWord {
    case active, expired, revoked, disabled, rolled
}

/// Whether the vault has been made, and whether it is open.
package enum VaultState: String, WireWord {
    case uninitialized, sealed, unsealed
}

/// How the server knows who is asking.
package enum CallerKind: String, WireWord {
    case accessKey = "access-key"
    case unixUser = "unix-user"
    case `operator`
    case none
}

/// What an issued key is for: real use or trials.
package enum KeyEnvironment: String, WireWord {
    case live, test
}

/// Whether a quota begins anew.
package enum QuotaRefill: String, WireWord {
    case never
    /// At the start of each month, UTC.
    case monthly
}

/// What became of a presented issued key; checked in this order, `VALID` last.
package enum VerificationCode: String, WireWord {
    /// No such key: also for a wrong secret, and for a key that the caller may not verify.
    case notFound = "NOT_FOUND"
    case expired = "EXPIRED"
    case revoked = "REVOKED"
    case disabled = "DISABLED"
    case networkDenied = "NETWORK_DENIED"
    case scopeDenied = "SCOPE_DENIED"
    case rateLimited = "RATE_LIMITED"
    case quotaExceeded = "QUOTA_EXCEEDED"
    case valid = "VALID"
}
