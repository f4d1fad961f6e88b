internal import Policy
internal import Rotation
internal import SecretMemory
internal import Vault

extension Page {
    /// What is done with one key by a button.
    static let keyActions: [Page] = [
        // A page that was shown by a form and is asked for again by its address.
        Page(.get, "/keys/{path}:reveal") { .elsewhere(Visit.link($0.parameter("path"))) },
        Page(.post, "/keys/{path}:reveal") { try KeyReveal.show($0) },
        Page(.post, "/keys/{path}:rotate") { visit in
            let key = try await visit.vault.rotate(visit.requester, try visit.path())
            let isDone = key.rotation?.step == .idle || key.rotation?.step == .overlap
            return .done(
                Notice(text: isDone ? "Version \(key.current) is current." : "The rotation has begun."),
                to: Visit.link(key.path.text))
        },
        Page(.post, "/keys/{path}:rollback") { visit in
            let key = try await visit.vault.rollBack(visit.requester, try visit.path())
            return .done(Notice(text: "Version \(key.current) is current again."), to: Visit.link(key.path.text))
        },
        action("pause", "No rotation begins until you go on.") { try await $0.vault.pauseRotation($0.requester, $1) },
        action("unpause", "The key is rotated again.") { try await $0.vault.unpauseRotation($0.requester, $1) },
        action("resume", "The rotation goes on.") { try await $0.vault.resumeRotation($0.requester, $1) },
        action("abort", "The rotation is given up.") { try await $0.vault.abortRotation($0.requester, $1) },
        action("restore", "The key is back, as it was.") { try await $0.vault.restore($0.requester, $1) },
        Page(.post, "/keys/{path}:delete") { try await KeyEnd.delete($0) },
        Page(.get, "/keys/{path}:destroy") { try KeyEnd.ask($0) },
        Page(.post, "/keys/{path}:destroy") { try await KeyEnd.destroy($0) },
    ]

    private static func action(
        _ verb: String, _ notice: String,
        _ act: @escaping @Sendable (Visit, ResourcePath) async throws -> KeyMetadata
    ) -> Page {
        Page(.post, "/keys/{path}:" + verb) { visit in
            let key = try await act(visit, try visit.path())
            return .done(Notice(text: notice), to: Visit.link(key.path.text))
        }
    }
}

/// The value of one version, for half a minute.
enum KeyReveal {
    private static let template = Template(PackageResources.key_reveal_mustache)
    /// Seconds that a value stays on the screen.
    static let seconds = 30

    static func show(_ visit: Visit) throws -> Answer {
        let path = try visit.path()
        let version = visit.form.integer("version", in: 1...Int(UInt32.max))
        let query = ValueQuery(path: path, version: version.map { .number(UInt32($0)) } ?? .current)
        guard case .values(let values) = try visit.vault.retrieve(visit.requester, query) else {
            return .elsewhere(Visit.link(path.text))
        }
        var secrets: [WipedBytes] = []
        let fields = values.fields.map { field -> View in
            let isText = field.value.isText
            secrets.append(isText ? field.value : field.value.base64)
            return ["name": field.name, "number": secrets.count - 1, "binary": !isText]
        }
        let back = Visit.link(path.text)
        return .page(
            template,
            [
                "title": "Value of \(path.text)", "path": path.text, "back": back, "version": values.version,
                "stage": values.stage?.rawValue ?? false as Any, "fields": fields, "seconds": seconds,
            ], secrets: secrets, headers: [("Refresh", "\(seconds); url=\(back)")])
    }
}

/// The trash, and what comes after.
enum KeyEnd {
    private static let template = Template(PackageResources.key_destroy_mustache)

    static func delete(_ visit: Visit) async throws -> Answer {
        let path = try visit.path()
        let (_, readers) = try await visit.vault.trashTelling(visit.requester, path, if: .none)
        var text = "The key is in the trash and is served no more."
        if !readers.isEmpty { text += " It was read within the last day by \(names(readers))." }
        return .done(Notice(tone: readers.isEmpty ? .good : .warning, text: text), to: Visit.link(path.text))
    }

    private static func names(_ readers: [KeyReader]) -> String {
        let shown = readers.prefix(3).map { $0.name.isEmpty ? $0.caller : $0.name }.joined(separator: ", ")
        return readers.count > 3 ? "\(shown) and \(readers.count - 3) more" : shown
    }

    static func ask(_ visit: Visit) throws -> Answer {
        let key = try visit.vault.inspect(visit.requester, try visit.path())
        return page(key.path, etag: key.etag)
    }

    private static func page(_ path: ResourcePath, etag: String, error: String? = nil) -> Answer {
        var errors = FieldErrors()
        if let error { errors.add("confirm", error) }
        let field = FormField(
            name: "confirm", label: "Type the key's path to confirm", isRequired: true, isMono: true, isFirst: true)
        return .page(
            template,
            [
                "title": "Destroy \(path.text)?", "path": path.text, "back": Visit.link(path.text),
                "action": Visit.link(path.text, verb: "destroy"), "field": field.view(errors), "etag": etag,
            ], status: error == nil ? 200 : 400)
    }

    static func destroy(_ visit: Visit) async throws -> Answer {
        let path = try visit.path()
        guard visit.form["confirm"] == path.text else {
            return page(path, etag: visit.form["etag"], error: "This is not the path of the key; nothing was done")
        }
        _ = try await visit.vault.destroyTelling(visit.requester, path, if: .matches([visit.form["etag"]]))
        return .done(Notice(text: "The key \(path.text) is erased."), to: "/console/keys")
    }
}
