internal import Policy
internal import Vault

/// The keys of one issuer, and where their pages are. Access keys are the keys of the built-in issuer.
struct KeyFamily {
    let issuer: String

    init(issuer: String) { self.issuer = issuer }

    /// The one that an address is about.
    init(_ visit: Visit) { issuer = visit.request.parameters["issuer"] ?? AccessKeys.issuer }

    var isAccess: Bool { issuer == AccessKeys.issuer }
    var title: String { isAccess ? "Access keys" : issuer }
    var noun: String { isAccess ? "access key" : "key" }
    /// What the keys are good for: scopes, or policies.
    var scopesLabel: String { isAccess ? "Policies" : "Scopes" }
    var list: String { isAccess ? "/console/access" : "/console/issuers/" + issuer }
    var issue: String { list + ":issue" }

    func key(_ id: String, verb: String? = nil) -> String {
        list + (isAccess ? "/" : "/keys/") + id + (verb.map { ":" + $0 } ?? "")
    }

    func mayIssue(_ visit: Visit) -> Bool {
        visit.may(.administer, .vault) || visit.may(.issue, .issuer(issuer)) || isAccess && visit.mayGrantSome
    }
    func mayRevoke(_ visit: Visit) -> Bool {
        visit.may(.administer, .vault) || visit.may(.revoke, .issuer(issuer)) || isAccess && visit.mayGrantSome
    }
}

extension Visit {
    /// The policies that a new access key can be given by whoever has signed in.
    var grantable: [String] { glimpse?.grantable ?? [] }
    var mayGrantSome: Bool { !grantable.isEmpty }
}
