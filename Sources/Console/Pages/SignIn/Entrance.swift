internal import SecretMemory

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
        guard place == .labelled,
            let session = console.sessions.enter(visit.query["code"], host: host, at: console.steady())
        else { return .elsewhere("/console") }
        return page(SignIn.goal(visit.query), [Cookies(place: place).set(.session, session.cookie)])
    }

    /// A page that gives way to another at once, or after a click where the browser does not do it.
    private static func page(_ address: String, _ headers: [(name: String, value: String)]) -> Answer {
        .page(
            template, ["title": "Signed in", "href": address], headers: headers + [("Refresh", "0; url=" + address)])
    }
}
