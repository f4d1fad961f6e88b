internal import Vault

/// Removing an issuer that has no key left which could be used.
enum IssuerRemoval {
    static func ask(_ visit: Visit) throws -> Answer {
        let issuer = try visit.vault.issuer(visit.requester, visit.parameter("issuer"))
        let family = KeyFamily(issuer: issuer.name)
        return Confirmation(
            title: "Delete the issuer \(issuer.name)?",
            text: "Its keys that were revoked or have expired go with it. This cannot be undone.",
            button: "Delete issuer", action: family.list + ":delete", cancel: family.list, isGrave: true
        ).answer
    }

    static func remove(_ visit: Visit) async throws -> Answer {
        let name = visit.parameter("issuer")
        do throws(VaultError) {
            try await visit.vault.deleteIssuer(visit.requester, name)
        } catch {
            guard error.code == .conflict else { throw error }
            return .done(
                Notice(tone: .bad, text: FieldErrors.sentence(error.detail)), to: KeyFamily(issuer: name).list)
        }
        return .done(Notice(text: "The issuer \(name) is gone."), to: "/console/issuers")
    }
}
