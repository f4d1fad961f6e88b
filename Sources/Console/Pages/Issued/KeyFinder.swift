internal import SecretMemory
internal import Vault

/// "Is this one of ours?" A key that turned up somewhere, or its beginning, is pasted into a form; it is never part of an
/// address, and is not shown again.
enum KeyFinder {
    private static let template = Template(PackageResources.find_key_mustache)

    static func ask(_ visit: Visit) -> Answer { page(FieldErrors(), found: nil, visit) }

    static func find(_ visit: Visit) throws -> Answer {
        var errors = FieldErrors()
        guard let text = visit.form.secret("key").map({ WipedBytes(trimming: $0) }), text.count > 0 else {
            errors.add("key", "Paste a key, or its beginning")
            return page(errors, found: nil, visit, status: 400)
        }
        do throws(VaultError) {
            return page(errors, found: try visit.vault.find(visit.requester, text: text), visit)
        } catch {
            guard error.code == .invalidField else { throw error }
            errors.add("key", error.detail)
            return page(errors, found: nil, visit, status: 400)
        }
    }

    private static func page(
        _ errors: FieldErrors, found: [FoundKey]?, _ visit: Visit, status: Int = 200
    ) -> Answer {
        let field = FormField(
            name: "key", label: "Key or prefix", kind: .password,
            hint: "A whole key, or its beginning: the prefix, an underscore, and at least four more characters.",
            isRequired: true, isMono: true, isFirst: true)
        var view: View = [
            "title": "Is this one of ours?", "fields": [field.view(errors)], "searched": found != nil,
            "problems": errors.isEmpty ? false : errors.view([field]), "none": found?.isEmpty ?? false,
            "whole": found?.contains(where: \.isWhole) ?? false, "keys": [View](),
        ]
        view["keys"] =
            found?.map { found -> View in
                let family = KeyFamily(issuer: found.record.issuer)
                return [
                    "name": found.record.name, "href": family.key(found.record.id), "issuer": family.title,
                    "issuer_href": family.list, "owner": found.record.owner.shown, "id": found.record.id,
                    "state": IssuedKeyWords.badge(found.record.state),
                    "used": found.record.lastUsed.map { Moment.distance($0, now: visit.now) }.shown,
                    "revoke": family.mayRevoke(visit) && found.record.state != .revoked
                        ? family.key(found.record.id, verb: "revoke") : false as Any,
                ]
            } ?? []
        return .page(template, view, status: status)
    }
}
