/// Where an issued key may be used from.
package enum NetworkRestriction: Sendable, Equatable {
    /// From everywhere, a local socket included.
    case anywhere
    /// From these networks.
    case within(NetworkList)
    /// From nowhere: a list was kept, and it cannot be read.
    case nowhere

    /// What a kept list means: nil is no restriction; a list that is empty or malformed lets nobody in.
    package init(kept texts: [String]?) {
        guard let texts else {
            self = .anywhere
            return
        }
        do { self = .within(try NetworkList(parsing: texts)) } catch { self = .nowhere }
    }

    /// Whether a caller at `address` is inside; nil is a caller whose address is not known.
    package func admits(_ address: IPAddress?) -> Bool {
        switch self {
        case .anywhere: true
        case .within(let list): address.map(list.contains) ?? false
        case .nowhere: false
        }
    }
}

/// What decides whether an issued key may be used. Times are milliseconds since 1970 UTC.
package struct IssuedKeyStanding: Sendable, Equatable {
    /// The end of its life, or nil for none.
    package var expires: Int64?
    /// When it was rolled, the end of its overlap: the earlier of this and ``expires`` counts.
    package var honouredUntil: Int64?
    /// When it was revoked. A key that was revoked stays so, whatever the clock says.
    package var revokedAt: Int64?
    /// Whether it is switched off.
    package var isDisabled: Bool
    /// Where it may be used from.
    package var networks: NetworkRestriction
    /// What it may be used for; compared whole, as bytes.
    package var scopes: [String]

    package init(
        expires: Int64? = nil, honouredUntil: Int64? = nil, revokedAt: Int64? = nil, isDisabled: Bool = false,
        networks: NetworkRestriction = .anywhere, scopes: [String] = []
    ) {
        self.expires = expires
        self.honouredUntil = honouredUntil
        self.revokedAt = revokedAt
        self.isDisabled = isDisabled
        self.networks = networks
        self.scopes = scopes
    }

    /// The moment from which it counts as expired, or nil for never.
    package var end: Int64? {
        switch (expires, honouredUntil) {
        case (let expires?, let honoured?): min(expires, honoured)
        case (let expires, let honoured): expires ?? honoured
        }
    }
}

extension VerifyCode {
    /// Decides whether a key may be used.
    ///
    /// - Parameters:
    ///   - standing: what is kept of the key, or nil where none was found or its secret or issuer is another.
    ///   - now: milliseconds since 1970 UTC.
    ///   - address: where the caller is, or nil where that is not known: a key with networks is then denied.
    ///   - scope: what the key is to be used for, or nil to leave scopes out.
    package static func evaluate(
        _ standing: IssuedKeyStanding?, at now: Int64, from address: IPAddress?, scope: String? = nil
    ) -> VerifyCode {
        guard let standing else { return .notFound }
        if let end = standing.end, Lifetime.isOver(end: end, at: now) { return .expired }
        if standing.revokedAt != nil { return .revoked }
        if standing.isDisabled { return .disabled }
        guard standing.networks.admits(address) else { return .networkDenied }
        if let scope, !standing.scopes.contains(where: { $0.utf8.elementsEqual(scope.utf8) }) { return .scopeDenied }
        return .valid
    }
}
