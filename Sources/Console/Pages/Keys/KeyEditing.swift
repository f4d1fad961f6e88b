internal import Policy
internal import SecretMemory
internal import Vault
internal import VaultAPI

/// The form for a key's metadata.
enum KeyEditing {
    private static let template = Template(PackageResources.key_edit_mustache)

    static func show(_ visit: Visit) throws -> Answer {
        let key = try visit.vault.inspect(visit.requester, try visit.path())
        var texts = [
            ("name", key.name), ("description", key.description), ("provider", key.provider),
            ("tags", key.tags.joined(separator: ", ")), ("visibility", key.visibility.rawValue), ("etag", key.etag),
        ]
        if let expires = key.expires {
            texts.append(("expires", VaultAPI.Timestamp(milliseconds: expires).description))
        }
        return page(visit, FormFields(texts), FieldErrors())
    }

    private static func page(_ visit: Visit, _ form: FormFields, _ errors: FieldErrors, status: Int = 200) -> Answer {
        let metadata = KeyForm.metadata(form)
        let path = visit.parameter("path")
        return .page(
            template,
            [
                "title": "Edit \(path)", "path": path, "action": Visit.link(path, verb: "edit"),
                "back": Visit.link(path), "fields": metadata.map { $0.view(errors) }, "etag": form["etag"],
                "further": false, "submit": "Save",
                "lead": "The value stays as it is.", "problems": errors.isEmpty ? false : errors.view(metadata),
            ], status: status)
    }

    static func change(_ visit: Visit) async throws -> Answer {
        var errors = FieldErrors()
        let path = try visit.path()
        let before = try visit.vault.inspect(visit.requester, path).expires
        var change = KeyForm.change(visit.form, now: visit.now, &errors)
        // The form holds the end that the key has: one that has come would be refused as a new one.
        if let end = change.expires, end == before { change.expires = nil }
        guard errors.isEmpty else { return page(visit, visit.form, errors, status: 400) }
        do throws(VaultError) {
            _ = try await visit.vault.change(visit.requester, path, change, if: .matches([visit.form["etag"]]))
            return .done(Notice(text: "The changes are stored."), to: Visit.link(path.text))
        } catch {
            try KeyForm.take(error, &errors)
            return page(visit, visit.form, errors, status: Problem(error).code.status)
        }
    }
}

/// The form for how a key is rotated. All of the settings are replaced by what it says.
enum KeyScheduling {
    private static let template = Template(PackageResources.key_edit_mustache)

    static func show(_ visit: Visit) throws -> Answer {
        let key = try visit.vault.inspect(visit.requester, try visit.path())
        var texts = key.rotation.map { RotationForm.texts($0.settings) } ?? []
        texts.append(("etag", key.etag))
        texts.append(("paused", key.rotation?.settings.paused == true ? "true" : ""))
        return page(visit, FormFields(texts), FieldErrors())
    }

    private static func page(_ visit: Visit, _ form: FormFields, _ errors: FieldErrors, status: Int = 200) -> Answer {
        let fields = RotationForm.fields(form, visit.vault)
        let further = RotationForm.furtherFields(form)
        let path = visit.parameter("path")
        return .page(
            template,
            [
                "title": "Rotation of \(path)", "path": path, "action": Visit.link(path, verb: "schedule"),
                "back": Visit.link(path), "fields": fields.map { $0.view(errors) }, "etag": form["etag"],
                "further": further.map { $0.view(errors) }, "submit": "Save",
                "lead": "What the rotator reaches is checked against what you may do, now and at each run.",
                "problems": errors.isEmpty ? false : errors.view(fields + further),
            ], status: status)
    }

    static func change(_ visit: Visit) async throws -> Answer {
        var errors = FieldErrors()
        let path = try visit.path()
        let before = try visit.vault.inspect(visit.requester, path).rotation
        let settings = RotationForm.settings(visit.form, paused: before?.settings.paused ?? false, &errors)
        guard errors.isEmpty else { return page(visit, visit.form, errors, status: 400) }
        let change = MetadataChange(rotation: settings.map { .set($0) } ?? .remove)
        do throws(VaultError) {
            _ = try await visit.vault.change(visit.requester, path, change, if: .matches([visit.form["etag"]]))
            return .done(
                Notice(text: settings == nil ? "The key is not rotated any more." : "The rotation is stored."),
                to: Visit.link(path.text))
        } catch {
            try KeyForm.take(error, &errors)
            return page(visit, visit.form, errors, status: Problem(error).code.status)
        }
    }
}

/// The form for a new version of a key.
enum KeyStoring {
    private static let template = Template(PackageResources.key_store_mustache)

    static func show(_ visit: Visit) throws -> Answer {
        let key = try visit.vault.inspect(visit.requester, try visit.path())
        let names = key.versions.last { $0.number == key.current }?.fields.filter { $0 != "value" } ?? []
        var texts = [("etag", key.etag)]
        for (index, name) in names.enumerated() { texts.append(("field\(index + 1)", name)) }
        return page(visit, FormFields(texts), FieldErrors())
    }

    private static func page(_ visit: Visit, _ form: FormFields, _ errors: FieldErrors, status: Int = 200) -> Answer {
        let path = visit.parameter("path")
        let values = KeyForm.valueFields(form)
        let rows = KeyForm.rows(form)
        let overlap = FormField(
            name: "overlap", label: "Overlap", value: form["overlap"],
            hint: "How long the version before stays valid, such as 24h. Empty: until the next version.",
            placeholder: "24h", isMono: true)
        let all = values + rows.flatMap(\.fields) + [overlap]
        return .page(
            template,
            [
                "title": "New version of \(path)", "path": path, "action": Visit.link(path, verb: "store"),
                "back": Visit.link(path), "values": values.map { $0.view(errors) },
                "extra": rows.map { $0.view(errors) }, "open": rows.contains { $0.isInUse(errors) },
                "overlap": overlap.view(errors), "etag": form["etag"], "again": !errors.isEmpty,
                "problems": errors.isEmpty ? false : errors.view(all),
            ], status: status)
    }

    static func store(_ visit: Visit) async throws -> Answer {
        var errors = FieldErrors()
        let path = try visit.path()
        let fields = KeyForm.fields(visit.form, &errors)
        var overlap: Int64?
        switch FormKit.duration(visit.form["overlap"]) {
        case .success(let length): overlap = length
        case .failure(let mistake): errors.add("overlap", mistake.text)
        }
        // It has no name that could be cleared: left empty, it would be lost without a word.
        if !fields.contains(where: { $0.name == "value" }) {
            let key = try visit.vault.inspect(visit.requester, path)
            if key.versions.last(where: { $0.number == key.current })?.fields.contains("value") == true {
                errors.add("value", "Enter the value: the version before has one")
            }
        }
        guard errors.isEmpty else { return page(visit, visit.form, errors, status: 400) }
        do throws(VaultError) {
            let done = try await visit.vault.put(
                visit.requester,
                KeyWrite(
                    path: path, fields: fields, overlap: overlap, precondition: .matches([visit.form["etag"]])))
            return .done(
                Notice(text: "Version \(done.metadata.current) is stored and current."), to: Visit.link(path.text))
        } catch {
            try KeyForm.take(error, &errors)
            return page(visit, visit.form, errors, status: Problem(error).code.status)
        }
    }
}
