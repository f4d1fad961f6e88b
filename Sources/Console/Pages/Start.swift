internal import Vault

extension Page {
    /// Where the console begins.
    static let start: [Page] = [
        Page(.get, "", for: .anyone) { visit in
            switch visit.vault.status().state {
            case .uninitialized: .elsewhere("/console/initialize")
            case .sealed: .elsewhere("/console/unseal")
            case .unsealed: .elsewhere(visit.session == nil ? "/console/sign-in" : "/console/keys")
            }
        }
    ]
}
