internal import IssuedKeys
internal import Policy
internal import Vault
internal import VaultAPI

/// What the forms of stored keys have in common: their fields, and the way from what was typed to what the vault takes.
enum KeyForm {
    /// The most bytes of a form with values: all of a version, as it is encoded.
    static let bytes = 900 * 1024

    // MARK: Metadata

    static func metadata(_ form: FormFields) -> [FormField] {
        [
            FormField(
                name: "name", label: "Name", value: form["name"], hint: "For people; the path is for programs.",
                most: VaultLimits.nameCharacters),
            FormField(
                name: "description", label: "Description", kind: .area, value: form["description"],
                most: VaultLimits.descriptionCharacters),
            FormField(
                name: "provider", label: "Provider", value: form["provider"],
                hint: "Whose API it opens, such as stripe.",
                most: VaultLimits.nameCharacters),
            FormField(name: "tags", label: "Tags", value: form["tags"], hint: "With commas between."),
            FormField(
                name: "expires", label: "Expires", value: form["expires"],
                hint: "A time such as 2027-01-31T12:00:00Z, a date, or a duration such as 90d. Empty: never.",
                isMono: true),
            FormField(
                name: "visibility", label: "Visibility",
                kind: .choice([("private", "Private"), ("public", "Public: may be embedded where anybody can read it")]
                ),
                value: form.text("visibility") ?? "private"),
        ]
    }

    /// Reads the metadata; what cannot be read is in `errors`.
    static func change(_ form: FormFields, now: Int64, _ errors: inout FieldErrors) -> MetadataChange {
        let tags = form["tags"].split(separator: ",").map { FormKit.trimmed(String($0)) }.filter { !$0.isEmpty }
        var change = MetadataChange(
            name: form["name"], description: form["description"], provider: form["provider"],
            visibility: form["visibility"] == "public" ? .public : .private, tags: tags)
        switch FormKit.end(form["expires"], now: now) {
        case .success(let end): change.expires = .some(end)
        case .failure(let error): errors.add("expires", error.text)
        }
        return change
    }

    /// Puts an error of the vault to the field that it is about, under the name that the form has for it.
    ///
    /// - Throws: the error, where no change of the form would help.
    static func take(_ error: VaultError, _ errors: inout FieldErrors) throws {
        switch error.code {
        case .invalidField, .tooLarge, .invalidPath:
            var field = error.field ?? ""
            if field.hasPrefix("fields") { field = "value" }
            if field.hasPrefix("rotation.settings") { field = "settings" }
            if field.hasPrefix("rotation.") { field = String(field.dropFirst("rotation.".count)) }
            errors.add(field, error.detail)
        case .alreadyExists: errors.add("path", error.detail)
        case .preconditionFailed where error.field == "If-None-Match":
            errors.add("path", "\(error.detail); one in the trash keeps its path, too, until it is destroyed")
        case .preconditionFailed:
            errors.add(
                "",
                "The key was changed meanwhile by somebody else, and nothing was stored. Cancel leads to it")
        case .inTrash: errors.add("", error.detail)
        // Another rotator cannot take over what this one has begun.
        case .conflict where error.field == "rotation": errors.add("rotator", error.detail)
        default: throw error
        }
    }
}

/// What was typed wrong.
struct FormMistake: Error {
    var text: String
}

/// Small readers of what people type.
enum FormKit {
    static func trimmed(_ text: String) -> String {
        let start = text.drop { $0 == " " || $0 == "\t" }
        return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }

    /// When something ends: a time, a date (its end, in UTC), or a duration from now. Empty: nil.
    static func end(_ text: String, now: Int64) -> Result<Int64?, FormMistake> {
        if text.isEmpty { return .success(nil) }
        if let moment = VaultAPI.Timestamp(parsing: text) { return .success(moment.milliseconds) }
        if text.utf8.count == 10, let day = VaultAPI.Timestamp(parsing: text + "T23:59:59Z") {
            return .success(day.milliseconds)
        }
        guard let length = try? DurationText.milliseconds(text), length < 253_402_300_799_999 - now else {
            return .failure(
                FormMistake(text: "Write a time such as 2027-01-31T12:00:00Z, a date, or a duration such as 90d"))
        }
        return .success(now + length)
    }

    /// A duration; empty: nil.
    static func duration(_ text: String) -> Result<Int64?, FormMistake> {
        if text.isEmpty { return .success(nil) }
        guard let length = try? DurationText.milliseconds(text) else {
            return .failure(FormMistake(text: "Write a whole number and one of s, m, h, d or w, such as 90d"))
        }
        return .success(length)
    }
}
