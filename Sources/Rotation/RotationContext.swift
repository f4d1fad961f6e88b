package import SecretMemory

/// One named part of a credential.
package struct RotationField: Sendable {
    /// `[a-z][a-z0-9_]*`, at most 64 characters.
    package var name: String
    package var value: WipedBytes

    package init(name: String, value: WipedBytes) {
        self.name = name
        self.value = value
    }
}

/// A credential: what the provider calls it, and its fields.
package struct Candidate: Sendable {
    /// The provider's name for it, such as a key's id; empty where it has none. At most 512 bytes, and no secret.
    package var handle: String
    /// Sorted by name; empty for an orphan, of which only the handle is known.
    package var fields: [RotationField]

    package init(handle: String, fields: [RotationField]) {
        self.handle = handle
        self.fields = fields
    }

    /// The field of that name.
    package func field(_ name: String) -> WipedBytes? { fields.first { $0.name == name }?.value }
}

/// A credential as a provider's list tells it.
package struct ListedCredential: Sendable, Equatable {
    /// Whose a listed credential is.
    package enum Origin: Sendable, Equatable {
        /// It carries the token of the attempt in ``RotationContext/token``.
        case thisAttempt
        /// It carries the mark of another attempt for the same key (``RotationContext/keyID``).
        case thisKey
        /// It is marked for something else, or made by somebody else.
        case another
        /// The list does not tell.
        case unknown
    }
    package var handle: String
    /// Milliseconds since 1970 by the provider's clock; nil where the list does not say.
    package var created: Int64?
    package var origin: Origin

    package init(handle: String, created: Int64? = nil, origin: Origin = .unknown) {
        self.handle = handle
        self.created = created
        self.origin = origin
    }
}

/// All that one call to a rotator may use. The secrets in it are lent for the length of the call.
package struct RotationContext: Sendable {
    package var keyPath: String
    /// 32 lower-case hexadecimal digits.
    package var keyID: String
    /// 16 random bytes: the same for every attempt to make one candidate, so that it can serve as an idempotency key.
    package var token: [UInt8]
    /// When the first attempt with this token began, in milliseconds since 1970.
    package var began: Int64
    /// The time now, in milliseconds since 1970.
    package var now: Int64
    /// The credential in service; nil where the key has none yet.
    package var current: Candidate?
    /// The one before it, while it is honoured.
    package var previous: Candidate?
    /// In `create`: what `propose` chose.
    package var proposed: Candidate?
    /// The fields of the keys in ``RotatorReach/keys``, by path.
    package var others: [String: [RotationField]]

    package init(
        keyPath: String, keyID: String, token: [UInt8], began: Int64, now: Int64, current: Candidate? = nil,
        previous: Candidate? = nil, proposed: Candidate? = nil, others: [String: [RotationField]] = [:]
    ) {
        self.keyPath = keyPath
        self.keyID = keyID
        self.token = token
        self.began = began
        self.now = now
        self.current = current
        self.previous = previous
        self.proposed = proposed
        self.others = others
    }

    /// The token as 32 lower-case hexadecimal digits.
    package var tokenText: String { RotationMark.hex(token) }
}
