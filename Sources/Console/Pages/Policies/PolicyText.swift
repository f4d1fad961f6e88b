internal import VaultAPI
internal import Vault

/// One policy file as it stands, line by line, and its tests.
enum PolicyText {
    private static let template = Template(PackageResources.policy_text_mustache)
    /// Lines that one page shows: a file has up to 1 MiB.
    private static let most = 2_000

    static func show(_ visit: Visit) throws -> Answer {
        let name = visit.parameter("policy")
        guard let file = try visit.vault.policyFiles(visit.requester).first(where: { $0.policy == name }) else {
            throw ConsoleError(.notFound, "No policy file defines a policy of this name.")
        }
        let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
        // The line end of the last line begins none.
        let shown = lines.last?.isEmpty == true ? lines.dropLast() : lines[...]
        return .page(
            template,
            [
                "title": file.policy, "file": file.file, "description": file.description.shown,
                "users": file.unixUsers, "has_users": !file.unixUsers.isEmpty,
                "lines": shown.prefix(most).enumerated().map { place, text -> View in
                    ["number": place + 1, "text": String(text)]
                },
                "cut": shown.count > most ? shown.count : false as Any,
                "tests": file.tests.map { test($0) }, "has_tests": !file.tests.isEmpty,
                "ask": "/console/policies:ask" + FormEncoding.query([("kind", "policies"), ("caller", file.policy)]),
            ])
    }

    private static func test(_ test: PolicyFileReport.Test) -> View {
        [
            "line": test.line, "expected": test.expected, "action": test.action, "target": test.target,
            "result": test.passed ? Badge.view("passes", .good) : Badge.view("fails", .bad),
            "rule": test.decidedBy.shown,
        ]
    }
}
