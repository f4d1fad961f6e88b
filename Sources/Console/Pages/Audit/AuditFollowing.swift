internal import VaultAPI
internal import Vault

/// What has come since, for the small script that follows the log: rows of the table, and where to go on. It waits a
/// little for the first of them, and holds no thread meanwhile.
enum AuditFollowing {
    private static let template = Template(PackageResources.audit_rows_mustache)
    /// Short enough that a server that ends does not wait long.
    private static let wait: Duration = .seconds(10)
    private static let pause: Duration = .milliseconds(250)

    static func show(_ visit: Visit) async throws -> Answer {
        let form = AuditFilterForm(visit.query, now: visit.now)
        guard form.errors.isEmpty, let after = visit.query.text("after").flatMap({ UInt64($0) }) else {
            throw ConsoleError(.invalidField, "Follow the log from the search page.")
        }
        var query = form.query
        query.after = after
        query.limit = 100
        let found = try await visit.vault.followAudit(
            visit.requester, query, until: .now.advanced(by: wait)
        ) {
            do { try await Task.sleep(for: pause) } catch { return false }
            return true
        }
        // Those who follow leave lines, too, which are no news.
        let lines = found.lines.compactMap { AuditLine($0) }
            .filter { $0.action != "follow_audit" || form.query.action == "follow_audit" }
        return .page(
            template,
            ["title": "Audit log", "after": String(found.after), "lines": lines.reversed().map(\.view)])
    }
}
