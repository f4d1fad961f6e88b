internal import SecretMemory
internal import Vault

/// The way from the label under which somebody signed in to the one under which their session lives.
///
/// Others may know the first: any program on this host can ask for a label, have a page link to it, and be sent the
/// cookies of that name at a port of its own. The second is made when the access key was found right, and only the
/// browser that sent the key is told of it.
enum Entrance {
    private static let template = Template(PackageResources.enter_mustache)

    /// What the form is answered with. It is a page and no redirect: the answer to a form must not lead to another
    /// origin (`form-action` of CSP 3).
    ///
    /// - Parameter base: what follows the label, such as `localhost:8200`.
    static func lead(_ visit: Visit, _ key: WipedBytes, beneath base: String, to goal: String) -> Answer {
        let console = visit.console
        let host = console.labels.make() + "." + base
        let code = console.sessions.beginElsewhere(key: key, host: host, at: console.steady())
        let query = FormEncoding.query([("code", code), ("to", goal)])
        let cookies = Cookies(place: .labelled)
        return page("http://" + host + "/console/enter" + query, [cookies.clear(.session), cookies.clear(.visit)])
    }

    /// Gives the browser that brings the code the cookie of its session. Again it is a page: another site sent the
    /// browser here, and to where that leads, through redirects too, no cookie with `SameSite=Strict` goes.
    static func arrive(_ visit: Visit) -> Answer {
        let console = visit.console
        let (place, host) = (console.place(of: visit.request), visit.request.host.lowercased())
        guard place == .labelled, let base = Console.base(ofLabel: host), visit.vault.status().state == .unsealed else {
            return .elsewhere("/console")
        }
        guard let session = console.sessions.enter(visit.query["code"], host: host, at: console.steady()) else {
            // Who has arrived and loads the page again is where they want to be.
            return visit.session == nil ? over(base) : .elsewhere(SignIn.goal(visit.query))
        }
        return page(SignIn.goal(visit.query), [Cookies(place: place).set(.session, session.cookie)])
    }

    /// What a code that is good no more leads to. It has no form: the address may come from anywhere.
    private static func over(_ base: String) -> Answer {
        LedHere.page(
            "This address was used already, or is too old",
            """
            It lets in the browser that has just signed in, once and within \(Session.arrival / 1000) seconds. Nobody is \
            signed in by it any more. To sign in again, type this into the address bar:
            """, base)
    }

    /// A page that gives way to another at once, or after a click where the browser does not do it.
    private static func page(_ address: String, _ headers: [(name: String, value: String)]) -> Answer {
        .page(
            template, ["title": "Signed in", "href": address], headers: headers + [("Refresh", "0; url=" + address)])
    }
}
