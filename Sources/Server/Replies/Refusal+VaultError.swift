internal import Vault
internal import VaultAPI

extension Refusal {
    /// What the vault refused, as a problem. The codes of both are the same words.
    init(_ error: VaultError) {
        let code = ProblemCode(rawValue: error.code.rawValue) ?? .internal
        self.init(code, error.detail, field: error.field, retryAfter: error.retryAfter)
        problem.decision = error.decision
        problem.missing = error.missingAction
        problem.errors = error.lines.isEmpty ? nil : error.lines
    }
}
