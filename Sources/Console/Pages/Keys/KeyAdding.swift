internal import Policy
internal import Vault
internal import VaultAPI

/// The form for a new key.
enum KeyAdding {
    private static let template = Template(PackageResources.key_add_mustache)

    static func show(_ visit: Visit) -> Answer { page(visit, visit.query, FieldErrors()) }

    private static func page(_ visit: Visit, _ form: FormFields, _ errors: FieldErrors, status: Int = 200) -> Answer {
        let path = FormField(
            name: "path", label: "Path", value: form["path"],
            hint: "Segments joined by slashes: letters, digits, . _ and -. Policies go by it.",
            placeholder: "payments/stripe", isRequired: true, most: ResourcePath.longest, isMono: true, isFirst: true)
        let metadata = KeyForm.metadata(form)
        let values = KeyForm.valueFields(form)
        let rotation = RotationForm.fields(form, visit.vault)
        let rows = KeyForm.rows(form)
        let secret = values + rows.flatMap(\.fields)
        let all = [path] + secret + metadata + rotation
        return .page(
            template,
            [
                "title": "Add API key", "path": path.view(errors), "metadata": metadata.map { $0.view(errors) },
                "values": values.map { $0.view(errors) }, "extra": rows.map { $0.view(errors) },
                "open": rows.contains { $0.isInUse(errors) },
                "rotation": rotation.map { $0.view(errors) }, "problems": errors.isEmpty ? false : errors.view(all),
                "again": !errors.isEmpty,
            ], status: status)
    }

    static func add(_ visit: Visit) async throws -> Answer {
        let form = visit.form
        var errors = FieldErrors()
        var path: ResourcePath?
        do throws(ResourcePathError) { path = try ResourcePath(parsing: form["path"]) } catch {
            errors.add("path", "\(error)")
        }
        let fields = KeyForm.fields(form, &errors)
        var change = KeyForm.change(form, now: visit.now, &errors)
        change.rotation = RotationForm.settings(form, &errors).map { .set($0) }
        guard let path, errors.isEmpty else { return page(visit, form, errors, status: 400) }
        do throws(VaultError) {
            let made = try await visit.vault.put(
                visit.requester, KeyWrite(path: path, fields: fields, metadata: change, precondition: .absent))
            return .done(
                Notice(text: "The key \(made.metadata.path.text) is stored."), to: Visit.link(made.metadata.path.text))
        } catch {
            // This form has no field for them.
            if error.code == .invalidField, error.field?.hasPrefix("rotation.settings") == true {
                errors.add(
                    "rotator",
                    "\(error.detail): add the key without this rotator, and set it with its settings afterwards")
            } else {
                try KeyForm.take(error, &errors)
            }
            return page(visit, form, errors, status: Problem(error).code.status)
        }
    }
}
