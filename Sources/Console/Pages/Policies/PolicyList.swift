internal import Vault

/// The policy files, and how their tests went.
enum PolicyList {
    private static let template = Template(PackageResources.policy_list_mustache)
    private static let refused = Template(PackageResources.policy_refused_mustache)

    static func show(_ visit: Visit) throws -> Answer {
        let report = try visit.vault.policies(visit.requester)
        let files = try visit.vault.policyFiles(visit.requester)
        return .page(
            template,
            [
                "title": "Policies", "digest": report.digest, "loaded": Moment.view(report.loaded),
                "policies": report.policies.map { item in row(item, files.first { $0.policy == item.name }) },
                "only_built_in": files.isEmpty,
            ])
    }

    private static func row(_ item: PolicyReport.Item, _ file: PolicyFileReport?) -> View {
        let failed = file?.tests.filter { !$0.passed }.count ?? 0
        let all = file?.tests.count ?? 0
        return [
            "name": item.name, "href": file == nil ? false : "/console/policies/" + item.name as Any,
            "file": item.file, "description": item.description.shown, "rules": item.rules,
            "users": (file?.unixUsers.joined(separator: ", ") ?? "").shown,
            "tests": all == 0
                ? Badge.view("no tests", .neutral)
                : failed == 0
                    ? Badge.view(all == 1 ? "1 test passes" : "\(all) tests pass", .good)
                    : Badge.view("\(failed) of \(all) tests fail", .bad),
        ]
    }

    static func reload(_ visit: Visit) async throws -> Answer {
        do throws(VaultError) {
            let report = try await visit.vault.reloadPolicies(visit.requester)
            return .done(Notice(text: "\(report.policies.count) policies are in force."), to: "/console/policies")
        } catch {
            guard error.code == .policiesRefused else { throw error }
            return .page(
                refused, ["title": "The old policies stay in force", "detail": error.detail, "lines": error.lines],
                status: 409)
        }
    }
}
