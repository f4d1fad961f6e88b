/// One field of a form, as the partial `field` shows it: a label, what goes in, a hint, and what is wrong.
struct FormField {
    enum Kind {
        /// One line.
        case line
        /// Several lines.
        case area
        /// One line that nobody else reads over a shoulder.
        case password
        /// One of several words.
        case choice([(value: String, label: String)])
        /// A box to tick.
        case tick
    }

    var name: String
    var label: String
    var kind: Kind = .line
    /// What was entered before. Never a secret.
    var value = ""
    var hint: String?
    var placeholder: String?
    var isRequired = false
    /// For `autocomplete`.
    var completion = "off"
    /// The most characters.
    var most: Int?
    var isMono = false
    var isFirst = false

    /// For the partial `field`.
    ///
    /// - Parameter errors: what is wrong, by field.
    func view(_ errors: FieldErrors = FieldErrors()) -> View {
        let error = errors[name]
        var view: View = [
            "name": name, "id": "f-" + name.map { $0.isLetter || $0.isNumber ? String($0) : "-" }.joined(),
            "label": label, "value": value, "required": isRequired, "completion": completion, "mono": isMono,
            "first": errors.first.map { $0 == name } ?? isFirst, "line": false, "area": false, "password": false,
            "choice": false, "tick": false, "hint": false, "error": false, "placeholder": false, "most": false,
            "described": hint != nil || error != nil, "ticked": !value.isEmpty, "options": [View](),
        ]
        if let hint { view["hint"] = hint }
        if let error { view["error"] = error }
        if let placeholder { view["placeholder"] = placeholder }
        if let most { view["most"] = most }
        switch kind {
        case .line: view["line"] = true
        case .area: view["area"] = true
        case .password: view["password"] = true
        case .tick: view["tick"] = true
        case .choice(let options):
            view["choice"] = true
            view["options"] = options.map { option -> View in
                ["value": option.value, "label": option.label, "selected": option.value == value]
            }
        }
        return view
    }
}

/// What is wrong with a form, by field; under `""` what is wrong with all of it.
struct FieldErrors {
    private var errors: [(field: String, text: String)] = []

    var isEmpty: Bool { errors.isEmpty }
    /// The first field with an error, in the order in which they were found.
    var first: String? { errors.first { !$0.field.isEmpty }?.field }

    subscript(_ field: String) -> String? { errors.first { $0.field == field }?.text }

    mutating func add(_ field: String, _ text: String) {
        if self[field] == nil { errors.append((field, Self.sentence(text))) }
    }

    /// For the partial `problems`: a summary that links to the fields.
    ///
    /// - Parameter labels: of the fields that the form has; what is wrong with others is told without a link.
    func view(_ fields: [FormField]) -> View {
        let items = errors.map { error -> View in
            let field = fields.first { $0.name == error.field }
            let id = field.map { $0.view()["id"] as? String ?? "" } ?? ""
            return ["text": error.text, "label": field?.label ?? "", "href": id.isEmpty ? false : "#" + id as Any]
        }
        return ["items": items, "many": items.count > 1]
    }

    /// Errors of the engine are phrases; on a page they are sentences.
    static func sentence(_ text: String) -> String {
        guard let first = text.first else { return text }
        let start = first.uppercased() + text.dropFirst()
        return [".", "!", "?"].contains(start.last) ? start : start + "."
    }
}
