internal import Policy
internal import SecretMemory
internal import Vault
internal import VaultAPI

/// One request, as a page sees it.
struct Visit: Sendable {
    let console: Console
    let request: ConsoleRequest
    let query: FormFields
    let form: FormFields
    let session: Session?
    /// Who has signed in and what they may do now, for what a page offers. The vault decides for itself.
    let glimpse: Glimpse?
    /// Who asks: to be given to every operation of the vault.
    let requester: Requester
    /// What forms on the page carry.
    let formToken: String

    var vault: Vault { console.vault }
    /// Wall-clock time in milliseconds since 1970.
    var now: Int64 { console.now() }

    /// What stood in the template's braces.
    func parameter(_ name: String) -> String { request.parameters[name] ?? "" }

    /// The key's path that stood in the address.
    func path() throws(ConsoleError) -> ResourcePath {
        do throws(ResourcePathError) { return try ResourcePath(parsing: parameter("path")) } catch {
            throw ConsoleError(.invalidPath, "\(error)")
        }
    }

    /// Whether it is worth offering an action.
    func may(_ action: Action, _ target: PolicyTarget) -> Bool { glimpse?.may(action, target) ?? false }

    /// The page's address in this console, for links and redirects.
    static func link(_ path: String, verb: String? = nil) -> String {
        "/console/keys/" + path + (verb.map { ":" + $0 } ?? "")
    }
}
