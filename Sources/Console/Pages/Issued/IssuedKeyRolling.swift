internal import Vault

/// Replacing a key by a successor with the same settings, while the old one is honoured a little longer.
enum IssuedKeyRolling {
    static func ask(_ visit: Visit) throws -> Answer { try question(visit).answer }

    private static func question(_ visit: Visit) throws -> Confirmation {
        let family = KeyFamily(visit)
        let id = visit.parameter("id")
        let key = try visit.vault.issuedKey(visit.requester, of: family.issuer, id: id)
        return Confirmation(
            title: "Roll \(key.name)?",
            text:
                "A new key with the same settings is made and shown once. This one is honoured until the overlap ends.",
            button: "Roll key", action: family.key(id, verb: "roll"), cancel: family.key(id),
            fields: [
                FormField(
                    name: "overlap", label: "Overlap", value: visit.form.text("overlap") ?? "1d",
                    hint: "How long the old key still works, such as 1h or 7d.", isFirst: true)
            ])
    }

    static func roll(_ visit: Visit) async throws -> Answer {
        let family = KeyFamily(visit)
        var reader = FormReader(visit.form)
        let overlap = reader.duration("overlap")
        var errors = reader.errors
        var status = 400
        if errors.isEmpty {
            do throws(VaultError) {
                let minted = try await visit.vault.roll(
                    visit.requester, of: family.issuer, id: visit.parameter("id"), overlap: overlap)
                visit.session?.hold(minted.text, of: minted.record.id)
                return .done(nil, to: family.key(minted.record.id, verb: "shown"))
            } catch {
                errors = try reader.errors(with: error)
                status = error.status
            }
        }
        var question = try question(visit)
        question.errors = errors
        question.status = status
        return question.answer
    }
}
