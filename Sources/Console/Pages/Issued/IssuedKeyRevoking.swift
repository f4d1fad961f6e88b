internal import Vault

/// Taking a key out of service, for good or for a while.
enum IssuedKeyRevoking {
    static func ask(_ visit: Visit) throws -> Answer {
        let family = KeyFamily(visit)
        let id = visit.parameter("id")
        let key = try visit.vault.issuedKey(visit.requester, of: family.issuer, id: id)
        return Confirmation(
            title: "Revoke \(key.name)?",
            text: "No request with this key is accepted from that moment on, and it cannot be brought back.",
            lines: key.lastUsed.map { ["It was used \(Moment.relative($0, now: visit.now))."] } ?? [],
            button: "Revoke now", action: family.key(id, verb: "revoke"), cancel: family.key(id), isGrave: true
        ).answer
    }

    static func revoke(_ visit: Visit) async throws -> Answer {
        try await amend(visit, "is revoked: no request with it is accepted any more") { family, id in
            try await visit.vault.revoke(visit.requester, of: family.issuer, id: id)
        }
    }

    static func disable(_ visit: Visit) async throws -> Answer {
        try await amend(visit, "is switched off until somebody enables it") { family, id in
            try await visit.vault.disable(visit.requester, of: family.issuer, id: id)
        }
    }

    static func enable(_ visit: Visit) async throws -> Answer {
        try await amend(visit, "is switched on again") { family, id in
            try await visit.vault.enable(visit.requester, of: family.issuer, id: id)
        }
    }

    private static func amend(
        _ visit: Visit, _ words: String, _ act: (KeyFamily, String) async throws -> IssuedKeyRecord
    ) async throws -> Answer {
        let family = KeyFamily(visit)
        let id = visit.parameter("id")
        do {
            let key = try await act(family, id)
            return .done(Notice(text: "The key \(key.name) \(words)."), to: family.key(id))
        } catch let error as VaultError where error.code == .conflict {
            return .done(Notice(tone: .bad, text: FieldErrors.sentence(error.detail)), to: family.key(id))
        }
    }
}
