internal import IssuedKeys
internal import Vault

/// Making an issuer, and changing what its keys can be issued with.
enum IssuerForm {
    private static let template = Template(PackageResources.form_mustache)

    // MARK: A new one

    static func new(_ visit: Visit) -> Answer { page(nil, visit.form, FieldErrors()) }

    static func create(_ visit: Visit) async throws -> Answer {
        let form = visit.form
        var reader = FormReader(form)
        let request = IssuerRequest(
            name: form["name"], prefix: form.text("prefix"), description: form["description"],
            lifetime: reader.duration("lifetime"), scopes: reader.list("scopes"), tiers: reader.tiers("tiers"),
            environment: IssuerEnvironment(rawValue: form["environment"]) ?? .live,
            visibility: form["visibility"] == "public" ? .public : .private)
        guard reader.errors.isEmpty else { return page(nil, form, reader.errors, status: 400) }
        do throws(VaultError) {
            let made = try await visit.vault.createIssuer(visit.requester, request)
            return .done(Notice(text: "The issuer \(made.name) was made."), to: KeyFamily(issuer: made.name).list)
        } catch {
            return try page(nil, form, reader.errors(with: error), status: error.status)
        }
    }

    // MARK: A change

    static func edit(_ visit: Visit) throws -> Answer {
        let issuer = try visit.vault.issuer(visit.requester, visit.parameter("issuer"))
        return page(issuer, nil, FieldErrors())
    }

    static func change(_ visit: Visit) async throws -> Answer {
        let name = visit.parameter("issuer")
        let issuer = try visit.vault.issuer(visit.requester, name)
        var reader = FormReader(visit.form)
        let change = IssuerChange(
            description: visit.form["description"], lifetime: .some(reader.duration("lifetime")),
            scopes: reader.list("scopes"), tiers: TierWords.described(reader.tiers("tiers"), as: issuer.tiers))
        guard reader.errors.isEmpty else { return page(issuer, visit.form, reader.errors, status: 400) }
        do throws(VaultError) {
            _ = try await visit.vault.changeIssuer(visit.requester, name, change)
            return .done(
                Notice(text: "Keys that are issued from now on have this. Those that were issued keep what they have."),
                to: KeyFamily(issuer: name).list)
        } catch {
            return try page(issuer, visit.form, reader.errors(with: error), status: error.status)
        }
    }

    // MARK: The form

    private static func page(
        _ issuer: IssuerRecord?, _ form: FormFields?, _ errors: FieldErrors, status: Int = 200
    ) -> Answer {
        let fields = fields(issuer, form)
        let list = issuer.map { KeyFamily(issuer: $0.name).list }
        var view: View = [
            "title": "Add an issuer", "action": "/console/issuers:add", "button": "Add issuer",
            "cancel": list ?? "/console/issuers",
            "text": "An issuer is a family of API keys that Keyturn makes and verifies: one for each API of yours.",
            "fields": fields.map { $0.view(errors) },
            "problems": errors.isEmpty ? false : errors.view(fields) as Any,
        ]
        if let issuer, let list {
            view["title"] = "Change \(issuer.name)"
            view["action"] = list + ":edit"
            view["button"] = "Save"
        }
        return .page(template, view, status: status)
    }

    private static func fields(_ issuer: IssuerRecord?, _ form: FormFields?) -> [FormField] {
        func value(_ name: String, _ saved: String?) -> String { form?[name] ?? saved ?? "" }
        var fields: [FormField] = []
        if issuer == nil {
            fields = [
                FormField(
                    name: "name", label: "Name", value: value("name", nil),
                    hint: "Lower-case letters, digits, dots, hyphens and underscores, such as shop-api.",
                    isRequired: true, most: 64, isFirst: true),
                FormField(
                    name: "prefix", label: "Prefix", value: value("prefix", nil),
                    hint: "What its keys begin with, such as shop_live. Empty: the name.", most: 32, isMono: true),
                FormField(
                    name: "environment", label: "Environment",
                    kind: .choice([("live", "live"), ("test", "test")]), value: value("environment", "live")),
                FormField(
                    name: "visibility", label: "Visibility",
                    kind: .choice([
                        ("private", "private: the keys are secrets"),
                        ("public", "public: the keys may be embedded where anybody can read them"),
                    ]), value: value("visibility", "private")),
            ]
        }
        return fields + [
            FormField(
                name: "description", label: "Description", kind: .area,
                value: value("description", issuer?.description), most: 2_000),
            FormField(
                name: "lifetime", label: "Lifetime of a key",
                value: value("lifetime", issuer?.lifetime.map { DurationWords.text($0) }),
                hint: "Such as 90d. Empty: keys do not expire unless it is said when one is issued."),
            FormField(
                name: "scopes", label: "Scopes", kind: .area,
                value: value("scopes", issuer?.scopes.joined(separator: "\n")),
                hint: "What a key can be allowed, one on each line, such as orders:read.", isMono: true),
            FormField(
                name: "tiers", label: "Tiers", kind: .area,
                value: value("tiers", issuer.map { $0.tiers.map(TierWords.line).joined(separator: "\n") }),
                hint: "Limits and quotas by name, one on each line, such as free=10/s,1000/d,quota=20000/month.",
                isMono: true),
        ]
    }
}
