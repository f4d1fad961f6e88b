internal import Vault

/// Looking for entries, the newest first.
enum AuditSearch {
    private static let template = Template(PackageResources.audit_mustache)
    private static let size = 100

    static func show(_ visit: Visit) async throws -> Answer {
        var form = AuditFilterForm(visit.query, now: visit.now)
        var found: AuditLines?
        if form.errors.isEmpty {
            var query = form.query
            query.limit = size
            query.before = visit.query.text("before").flatMap { UInt64($0) }
            do throws(VaultError) {
                found = try await visit.vault.searchAudit(visit.requester, query)
            } catch {
                try form.add(error)
            }
        }
        return page(visit, form, found, isFirst: visit.query.text("before") == nil)
    }

    private static func page(
        _ visit: Visit, _ form: AuditFilterForm, _ found: AuditLines?, isFirst: Bool
    ) -> Answer {
        let fields = form.fields
        let lines = found?.lines.compactMap { AuditLine($0)?.view } ?? []
        var view: View = [
            "title": "Audit log", "fields": fields.prefix(6).map { $0.view(form.errors) },
            "further": fields.dropFirst(6).map { $0.view(form.errors) }, "detailed": form.isDetailed,
            "problems": form.errors.isEmpty ? false : form.errors.view(fields), "filtered": form.isFiltered,
            "lines": lines, "empty": lines.isEmpty && found != nil && found?.before == nil, "count": lines.count,
            "after": String(found?.after ?? 0), "newest": isFirst, "pages": false,
            "unreadable": (found?.unreadable ?? 0) > 0 ? found?.unreadable ?? 0 : false as Any,
            "follow": isFirst && found != nil ? form.link("/console/audit:follow") : false as Any,
            "here": form.link("/console/audit"), "unknown": AuditFilterForm.filters.unknown(in: visit.query),
        ]
        if !isFirst || found?.before != nil {
            view["pages"] =
                [
                    "next": found?.before.map { form.link("/console/audit", [("before", String($0))]) }.shown ?? false,
                    "first": isFirst ? false : form.link("/console/audit") as Any,
                ] as View
        }
        return .page(template, view, status: form.errors.isEmpty ? 200 : 400)
    }
}
