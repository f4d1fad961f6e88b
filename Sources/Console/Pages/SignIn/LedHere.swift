/// What stands in the place of a form that leads to a session, under a label, for whoever was led there by a page of
/// another site: whoever made that page may have chosen the label.
///
/// It has no link. One to this name would lead to the form, and one to any other would lead here again.
enum LedHere {
    private static let forms: Set<String> = ["GET /console/sign-in", "GET /console/initialize", "GET /console/unseal"]

    private static let template = Template(PackageResources.led_here_mustache)

    static func answer(_ visit: Visit, at place: Place) -> Answer? {
        guard place == .labelled, visit.session == nil, forms.contains(visit.request.route),
            Origin.isElsewhere(visit.request), let base = Console.base(ofLabel: visit.request.host)
        else { return nil }
        return page(
            "Type the address of the console",
            """
            You came by a link from another site, or the console has started anew. So that nobody but you chooses \
            where you sign in, type this into the address bar:
            """, base)
    }

    /// What is said under a label where nobody is shown a form: why, and the address that somebody is to type.
    ///
    /// - Parameter base: what follows the label, such as `localhost:8200`.
    static func page(_ title: String, _ text: String, _ base: String) -> Answer {
        let view: View = ["title": title, "text": text, "address": "http://" + base + "/console"]
        return .page(template, view, status: 403)
    }
}
