internal import Vault

/// Why somebody was refused, by the id that they were told.
enum DecisionLookup {
    private static let form = Template(PackageResources.decision_form_mustache)
    private static let template = Template(PackageResources.decision_mustache)

    static func ask(_ visit: Visit) -> Answer {
        if let id = visit.query.text("id") {
            guard isID(id) else { return page(error: "An id is 16 digits and letters a to f") }
            return .elsewhere("/console/decisions/" + id)
        }
        return page()
    }

    /// An id as decisions have it: nothing else is put into an address.
    private static func isID(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    static func show(_ visit: Visit) throws -> Answer {
        let report: DecisionReport
        do throws(VaultError) {
            report = try visit.vault.decision(visit.requester, id: visit.parameter("id"))
        } catch {
            guard error.code == .notFound else { throw error }
            return page(error: error.detail, status: 404)
        }
        return .page(
            template,
            [
                "title": "Why this was refused", "id": report.id, "time": Moment.view(report.time),
                "caller": report.caller, "action": report.action, "target": report.target,
                "explanation": report.explanation, "rule": RuleWords.view(report.rule),
            ])
    }

    private static func page(error: String? = nil, status: Int = 400) -> Answer {
        var errors = FieldErrors()
        if let error { errors.add("id", error) }
        let field = FormField(
            name: "id", label: "Decision id", hint: "A refusal tells it: 16 digits and letters.", isRequired: true,
            most: 64, isMono: true, isFirst: true)
        return .page(
            form,
            [
                "title": "Explain a refusal", "fields": [field.view(errors)],
                "problems": errors.isEmpty ? false : errors.view([field]),
            ], status: error == nil ? 200 : status)
    }
}
