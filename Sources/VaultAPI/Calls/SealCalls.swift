/// The reply of `POST /v1/seal:initialize`.
///
/// Where the recovery code was accepted beforehand the vault is stored and open, and `accessKey` is there; otherwise
/// nothing is stored yet and `ceremony` names what `POST /v1/seal:confirm` finishes.
package struct InitializeReply: Codable, Equatable, Sendable {
    /// Opens the vault should every passphrase be lost. Shown once.
    package var recoveryCode: SecretText
    /// The first access key, with the policy `administrator`. Shown once.
    package var accessKey: SecretText?
    /// The initialisation that waits for its recovery code.
    package var ceremony: String?

    enum CodingKeys: String, CodingKey {
        case recoveryCode = "recovery_code"
        case accessKey = "access_key"
        case ceremony
    }

    package init(recoveryCode: SecretText, accessKey: SecretText? = nil, ceremony: String? = nil) {
        self.recoveryCode = recoveryCode
        self.accessKey = accessKey
        self.ceremony = ceremony
    }
}

/// The reply of `POST /v1/seal:confirm`: the vault is stored and open.
package struct ConfirmReply: Codable, Equatable, Sendable {
    /// The first access key, with the policy `administrator`. Shown once.
    package var accessKey: SecretText

    enum CodingKeys: String, CodingKey {
        case accessKey = "access_key"
    }

    package init(accessKey: SecretText) {
        self.accessKey = accessKey
    }
}

/// The reply of `POST /v1/seal:unseal`.
package struct UnsealReply: Codable, Equatable, Sendable {
    /// `unsealed`.
    package var state: VaultState
    /// Whether the policy files differ from those in force when the vault was last open.
    package var policiesChanged: Bool
    /// How many keys the vault holds.
    package var keys: Int
    /// Whether damage was accepted, so that nothing can be changed.
    package var readOnly: Bool

    enum CodingKeys: String, CodingKey {
        case state
        case policiesChanged = "policies_changed"
        case keys
        case readOnly = "read_only"
    }

    package init(state: VaultState, policiesChanged: Bool, keys: Int, readOnly: Bool) {
        self.state = state
        self.policiesChanged = policiesChanged
        self.keys = keys
        self.readOnly = readOnly
    }
}

/// The reply of `POST /v1/seal:seal`, sent when nothing is left in memory.
package struct SealReply: Codable, Equatable, Sendable {
    /// `sealed`.
    package var state: VaultState

    enum CodingKeys: String, CodingKey {
        case state
    }

    package init(state: VaultState) {
        self.state = state
    }
}

/// The reply of `POST /v1/seal:authorize`: proof that somebody just gave a passphrase. It counts once, within five
/// minutes, in the header `Keyturn-Authorization`.
package struct AuthorizeReply: Codable, Equatable, Sendable {
    /// The token.
    package var authorization: SecretText
    /// The slot that the passphrase opened.
    package var slot: Int
    /// When it stops to count.
    package var expires: Timestamp

    enum CodingKeys: String, CodingKey {
        case authorization, slot, expires
    }

    package init(authorization: SecretText, slot: Int, expires: Timestamp) {
        self.authorization = authorization
        self.slot = slot
        self.expires = expires
    }
}

/// The reply of `POST /v1/seal:rekey`: everything is sealed anew under a new root key.
package struct RekeyReply: Codable, Equatable, Sendable {
    /// The slots that open the new root key; the others are gone.
    package var slots: [Int]
    /// How many records were sealed anew.
    package var records: Int

    enum CodingKeys: String, CodingKey {
        case slots, records
    }

    package init(slots: [Int], records: Int) {
        self.slots = slots
        self.records = records
    }
}

/// The reply of `POST /v1/seal:recover-access`: an access key with the policy `administrator`.
package struct RecoverAccessReply: Codable, Equatable, Sendable {
    /// Its id.
    package var id: String
    /// The key, shown once.
    package var key: SecretText

    enum CodingKeys: String, CodingKey {
        case id, key
    }

    package init(id: String, key: SecretText) {
        self.id = id
        self.key = key
    }
}
