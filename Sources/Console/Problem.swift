internal import Vault
internal import VaultAPI

/// A page that says why something was not done.
struct Problem {
    static let template = Template(PackageResources.problem_mustache)

    var code: ProblemCode
    var detail: String
    var retryAfter: Int?
    /// A refusal's id, under which it can be explained.
    var decision: String?
    var missing: String?
    var lines: [String] = []

    init(_ code: ProblemCode, _ detail: String?, retryAfter: Int? = nil) {
        self.code = code
        self.detail = detail ?? ""
        self.retryAfter = retryAfter
    }

    init(_ error: VaultError) {
        self.init(ProblemCode(rawValue: error.code.rawValue) ?? .internal, error.detail, retryAfter: error.retryAfter)
        decision = error.decision
        missing = error.missingAction
        lines = error.lines
        if decision != nil { detail = "This access key may not \(error.missingAction ?? "do") that here." }
    }

    var view: View {
        var view: View = [
            "title": code.title, "status": code.status, "code": code.rawValue, "lines": lines,
            "detail": FieldErrors.sentence(detail), "decision": false, "retry": false, "missing": false,
        ]
        if let decision {
            view["decision"] = ["id": decision, "href": "/console/decisions/" + decision]
            view["missing"] = missing ?? ""
        }
        if let retryAfter { view["retry"] = retryAfter }
        return view
    }
}
