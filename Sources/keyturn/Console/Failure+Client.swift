internal import KeyturnClient
internal import VaultAPI

extension Failure {
    /// What the vault or the way to it said, with what to do next.
    init(_ error: KeyturnClientError) {
        self.init(error.exitCode, Self.sentence(error.description))
        if let problem = error.problem {
            hints = Self.hints(problem)
        } else if error.code == .unreachable, error.description.contains("certificate") {
            hints = ["name the authority of its certificate with KEYTURN_CA_FILE"]
        } else if error.code == .unreachable {
            hints = ["start it with `keyturn server`, or say where it is with --address or KEYTURN_ADDRESS"]
        } else if !error.changedNothing, error.code == .interrupted || error.code == .timedOut {
            hints = ["whether it was done is not known; look before you try again"]
        }
    }

    /// Sentences of problem documents end in a full stop; those on the command line do not.
    private static func sentence(_ text: String) -> String {
        text.hasSuffix(".") ? String(text.dropLast()) : text
    }

    /// What the sentence itself says already is not said again.
    private static func hints(_ problem: ProblemDocument) -> [String] {
        var hints = (problem.errors ?? []).filter { !problem.detail.contains($0) }
        if let field = problem.field, !problem.detail.contains(field) { hints.append("at fault: \(field)") }
        if let missing = problem.missing { hints.append("missing: \(missing)") }
        if let decision = problem.decision, !problem.detail.contains("policy explain \(decision)") {
            hints.append("ask an operator: keyturn policy explain \(decision)")
        }
        if let advice = advice(problem) { hints.append(advice) }
        return hints
    }

    private static func advice(_ problem: ProblemDocument) -> String? {
        switch problem.problemCode {
        case .sealed where problem.detail.contains("keyturn unseal"),
            .slowDown where problem.detail.contains("try again"):
            nil
        case .sealed: "an operator opens it with: keyturn unseal"
        case .uninitialized: "make it with: keyturn init"
        case .unauthorized: "set KEYTURN_ACCESS_KEY to an access key that is in force"
        case .inTrash:
            problem.field.map { path in
                "take it out again with: keyturn restore \(path)"
                    + (problem.status == 409 ? ", or erase it with: keyturn destroy \(path)" : "")
            }
                ?? "it is taken out again with `keyturn restore` and its path"
        case .slowDown: "wait, then try again"
        case .slotDamaged: "another passphrase or the recovery code opens another slot: keyturn unseal --slot N"
        case .storeDamaged where problem.detail.contains("--accept-log"): nil
        case .storeDamaged: "read what is left with: keyturn unseal --accept-damage"
        case .auditUnavailable, .storeUnavailable: "see the server's log for what it could not write"
        default: nil
        }
    }
}
