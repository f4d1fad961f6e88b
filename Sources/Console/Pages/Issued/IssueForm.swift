internal import IssuedKeys
internal import SecretMemory
internal import Vault

/// Issuing a key. Its text is shown once, on the page that follows.
enum IssueForm {
    private static let template = Template(PackageResources.issue_form_mustache)

    static func show(_ visit: Visit) throws -> Answer { try page(visit, nil, FieldErrors()) }

    static func issue(_ visit: Visit) async throws -> Answer {
        let family = KeyFamily(visit)
        let form = visit.form
        var reader = FormReader(form)
        let networks = reader.list("networks")
        let limits = reader.list("limits")
        let request = IssueRequest(
            name: form["name"], description: form["description"], owner: form["owner"],
            scopes: reader.ticked("scope"), expires: reader.end("expires", now: visit.now) ?? .issuers,
            networks: networks.isEmpty ? nil : networks, limits: limits.isEmpty ? nil : limits,
            quota: family.isAccess ? nil : reader.quota("quota"),
            tier: family.isAccess ? nil : form.text("tier"), metadata: family.isAccess ? [:] : reader.pairs("metadata"))
        guard reader.errors.isEmpty else { return try page(visit, form, reader.errors, status: 400) }
        do throws(VaultError) {
            let minted = try await visit.vault.issue(visit.requester, from: family.issuer, request)
            visit.session?.hold(minted.text, of: minted.record.id)
            return .done(nil, to: family.key(minted.record.id, verb: "shown"))
        } catch {
            let errors = try reader.errors(with: error, fields: ["scopes": "scope", "policies": "scope"])
            return try page(visit, form, errors, status: error.status)
        }
    }

    private static func page(
        _ visit: Visit, _ form: FormFields?, _ errors: FieldErrors, status: Int = 200
    ) throws -> Answer {
        let family = KeyFamily(visit)
        let issuer = try family.isAccess ? nil : visit.vault.issuer(visit.requester, family.issuer)
        let scopes = issuer?.scopes ?? visit.grantable
        let ticked = Set(form?.secrets("scope").compactMap { $0.disclosedText() } ?? [])
        let fields = fields(family, issuer, form)
        // The boxes are no field of the kind that the others are; what is wrong with them leads to them all the same.
        let boxes = FormField(name: "scope", label: family.scopesLabel)
        return .page(
            template,
            [
                "title": family.isAccess ? "Create an access key" : "Issue a key of \(family.issuer)",
                "action": family.issue, "cancel": family.list, "first": fields.prefix(3).map { $0.view(errors) },
                "rest": fields.dropFirst(3).map { $0.view(errors) },
                "scopes": scopes.enumerated().map { place, scope -> View in
                    ["scope": scope, "id": "f-scope-\(place)", "ticked": ticked.contains(scope)]
                },
                "has_scopes": !scopes.isEmpty, "scopes_label": family.scopesLabel, "access": family.isAccess,
                "scope_error": errors["scope"].shown,
                "problems": errors.isEmpty ? false : errors.view(fields + [boxes]),
                "is_public": issuer?.visibility == .public,
            ], status: status)
    }

    private static func fields(_ family: KeyFamily, _ issuer: IssuerRecord?, _ form: FormFields?) -> [FormField] {
        func value(_ name: String) -> String { form?[name] ?? "" }
        let lifetime =
            issuer?.lifetime.map { "Empty: \(DurationWords.text($0)), as the issuer says." } ?? "Empty: never."
        var fields = [
            FormField(
                name: "name", label: "Name", value: value("name"), hint: "The application or customer that gets it.",
                isRequired: true, most: 200, isFirst: true),
            FormField(
                name: "owner", label: "Owner", value: value("owner"),
                hint: "Whom to ask about it: a team or an account.",
                most: 200),
            FormField(name: "description", label: "Description", kind: .area, value: value("description"), most: 2_000),
        ]
        if let issuer, !issuer.tiers.isEmpty {
            fields.append(
                FormField(
                    name: "tier", label: "Tier",
                    kind: .choice([("", "none")] + issuer.tiers.map { ($0.name, TierWords.line($0)) }),
                    value: value("tier")))
        }
        fields += [
            FormField(
                name: "expires", label: "Expires", value: value("expires"),
                hint: "A length such as 90d, the last day such as 2027-01-31, or never. \(lifetime)"),
            FormField(
                name: "networks", label: "Networks", kind: .area, value: value("networks"),
                hint: "From where it may be used: addresses or CIDR, one on each line. Empty: from anywhere.",
                isMono: true),
            FormField(
                name: "limits", label: "Limits", value: value("limits"),
                hint: "Such as 10/s, 10000/d: all of them hold. Empty: \(issuer == nil ? "none" : "the tier's").",
                isMono: true),
        ]
        guard !family.isAccess else { return fields }
        return fields + [
            FormField(
                name: "quota", label: "Quota", value: value("quota"),
                hint: "How often it may be used in all, such as 100000, or 100000/month. Empty: the tier's.",
                isMono: true),
            FormField(
                name: "metadata", label: "Metadata", kind: .area, value: value("metadata"),
                hint: "name=value on each line: told to whoever verifies the key.", isMono: true),
        ]
    }
}
