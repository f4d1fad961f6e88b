internal import SecretMemory
internal import Vault

/// The secret on the forms of stored keys: its value, and rows for further fields.
extension KeyForm {
    /// Rows that a form has at least.
    private static let fewest = 3

    /// A row: the name of a field beside `value`, and what it holds.
    struct Row {
        var name: FormField
        var value: FormField

        var fields: [FormField] { [name, value] }

        /// Whether somebody has to see it.
        func isInUse(_ errors: FieldErrors) -> Bool { !name.value.isEmpty || errors[name.name] != nil }

        func view(_ errors: FieldErrors) -> View { ["name": name.view(errors), "value": value.view(errors)] }
    }

    static func valueFields(_ form: FormFields) -> [FormField] {
        [
            FormField(
                name: "value", label: "Value", kind: .area,
                hint: "The secret itself. One line break at its end is left out. It is not shown again on this form.",
                isMono: true)
        ]
    }

    /// Rows for further fields: names are kept, values never are.
    static func rows(_ form: FormFields) -> [Row] {
        (1...count(form)).map { number in
            Row(
                name: FormField(
                    name: "field\(number)", label: "Name of field \(number)", value: form["field\(number)"],
                    placeholder: "id", most: 64, isMono: true),
                value: FormField(
                    name: "value\(number)", label: "Value of field \(number)", kind: .area, isMono: true))
        }
    }

    /// As many rows as the form came with and one to spare, as far as the vault allows.
    private static func count(_ form: FormFields) -> Int {
        let last = (1...VaultLimits.fields).last { number in
            form.secret("field\(number)") != nil || form.secret("value\(number)") != nil
        }
        return min(VaultLimits.fields, max(fewest, (last ?? 0) + 1))
    }

    /// The fields of the secret. A row that is empty is left out; one that is half empty is a mistake, for what it was
    /// meant to hold would be lost.
    static func fields(_ form: FormFields, _ errors: inout FieldErrors) -> [SecretField] {
        var fields: [SecretField] = []
        if let value = form.secret("value")?.asTyped(), value.count > 0 {
            fields.append(SecretField(name: "value", value: value))
        }
        var isWhole = true
        for number in 1...count(form) {
            let name = form["field\(number)"]
            let value = form.secret("value\(number)")?.asTyped() ?? WipedBytes(utf8: "")
            switch (name.isEmpty, value.count == 0) {
            case (false, false): fields.append(SecretField(name: name, value: value))
            case (false, true):
                errors.add("value\(number)", "Give its value, or clear its name")
                isWhole = false
            case (true, false):
                errors.add("field\(number)", "Give it a name, and enter the values again")
                isWhole = false
            case (true, true): break
            }
        }
        if fields.isEmpty, isWhole { errors.add("value", "Enter the value") }
        return fields
    }
}
