/// A question before something that matters is done, with one button for yes.
struct Confirmation {
    private static let template = Template(PackageResources.confirmation_mustache)

    var title: String
    var text: String
    /// Further lines: who would miss it, say.
    var lines: [String] = []
    var button: String
    var action: String
    var cancel: String
    /// Whether it cannot be undone.
    var isGrave = false
    var fields: [FormField] = []
    var errors = FieldErrors()
    var status = 200

    var answer: Answer {
        .page(
            Self.template,
            [
                "title": title, "text": text, "lines": lines, "button": button, "action": action, "cancel": cancel,
                "grave": isGrave, "fields": fields.map { $0.view(errors) },
                "problems": errors.isEmpty ? false : errors.view(fields),
            ], status: status)
    }
}
