internal import Vault

/// The filters of the audit log, as the address has them.
struct AuditFilterForm {
    private(set) var query = AuditQuery()
    private(set) var errors = FieldErrors()
    private let asked: [(name: String, value: String)]

    private static let names = [
        "caller", "key", "action", "outcome", "code", "address", "issuer", "issued_key", "since", "until",
    ]
    static let filters = FilterWords(filters: names, beside: ["before"])
    private static let outcomes = [
        ("", "Any"), ("allowed", "allowed"), ("refused", "refused"), ("failed", "failed"), ("unknown", "unknown"),
    ]

    init(_ fields: FormFields, now: Int64) {
        asked = Self.names.map { ($0, fields[$0]) }
        var reader = FormReader(fields)
        query.caller = fields.text("caller")
        let key = fields["key"]
        if key.hasSuffix("/**") {
            query.prefix = String(key.dropLast(3))
        } else if key.hasSuffix("/") {
            query.prefix = String(key.dropLast())
        } else if !key.isEmpty {
            query.key = key
        }
        query.action = fields.text("action").map { $0.replacing(" ", with: "_") }
        query.outcome = fields.text("outcome")
        query.code = fields.text("code").map { $0.replacing(" ", with: "_") }
        query.address = fields.text("address")
        query.issuer = fields.text("issuer")
        query.issuedKey = fields.text("issued_key")
        query.since = reader.moment("since", now: now)
        query.until = reader.moment("until", now: now, isEnd: true)
        errors = reader.errors
    }

    var isFiltered: Bool { asked.contains { !$0.value.isEmpty } }
    /// Whether filters are set that the form shows only on request.
    var isDetailed: Bool {
        asked.contains { ["code", "address", "issuer", "issued_key"].contains($0.name) && !$0.value.isEmpty }
    }

    func link(_ page: String, _ more: [(name: String, value: String)] = []) -> String {
        page + FormEncoding.query(asked + more)
    }

    mutating func add(_ error: VaultError) throws(VaultError) {
        guard error.code == .invalidField else { throw error }
        errors.add(error.field == "prefix" ? "key" : error.field ?? "", error.detail)
    }

    var fields: [FormField] {
        func value(_ name: String) -> String { asked.first { $0.name == name }?.value ?? "" }
        return [
            FormField(name: "caller", label: "Who", value: value("caller"), placeholder: "id or name"),
            FormField(name: "key", label: "Key", value: value("key"), placeholder: "payments/stripe or payments/**"),
            FormField(name: "action", label: "Action", value: value("action"), placeholder: "retrieve"),
            FormField(name: "outcome", label: "Outcome", kind: .choice(Self.outcomes), value: value("outcome")),
            FormField(name: "since", label: "Since", value: value("since"), placeholder: "7d or 2026-11-21"),
            FormField(name: "until", label: "Until", value: value("until"), placeholder: "1h or 2026-11-28"),
            FormField(name: "code", label: "Code", value: value("code"), placeholder: "unauthorized"),
            FormField(name: "address", label: "Address", value: value("address"), placeholder: "192.0.2.7 or unix"),
            FormField(name: "issuer", label: "Issuer", value: value("issuer")),
            FormField(name: "issued_key", label: "Issued key", value: value("issued_key"), placeholder: "id"),
        ]
    }
}
