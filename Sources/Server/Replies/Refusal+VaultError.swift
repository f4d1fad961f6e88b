internal import Vault
internal import VaultAPI

extension Refusal {
    /// What the vault refused, as a problem. The codes of both are the same words.
    init(_ error: VaultError) {
        let code = ProblemCode(rawValue: error.code.rawValue) ?? .internal
        self.init(code, error.detail, field: error.field.map { Self.named($0) }, retryAfter: error.retryAfter)
        problem.decision = error.decision
        problem.missing = error.missingAction
        problem.errors = error.lines.isEmpty ? nil : error.lines
    }

    /// The same in answer to one call. What is in the trash is not there for who wants it, but in the way of who wants to
    /// store something at its path.
    init(_ error: VaultError, to route: Route) {
        self.init(error)
        if error.code == .inTrash, route.operation == .putKey || route.operation == .importKeys {
            problem.status = 409
        }
    }

    /// A rotator's setting has the name that the caller gave it, which may be a secret in the wrong place.
    private static func named(_ field: String) -> String {
        let place = "rotation.settings"
        guard field.hasPrefix(place + ".") else { return field }
        return WireRefusal.repeatable(String(field.dropFirst(place.count + 1))) == nil ? place : field
    }
}
