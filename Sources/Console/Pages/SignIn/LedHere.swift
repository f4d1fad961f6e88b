/// What stands in the place of a form that leads to a session, under a label, for whoever was led there by a page of
/// another site: whoever made that page may have chosen the label.
///
/// It has no link. One to this name would lead to the form, and one to any other would lead here again.
enum LedHere {
    private static let forms: Set<String> = ["GET /console/sign-in", "GET /console/initialize", "GET /console/unseal"]

    private static let markup = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{{title}} · Keyturn</title>
        <link rel="icon" href="/console/assets/icon.svg" type="image/svg+xml">
        <link rel="stylesheet" href="/console/assets/console.css">
        </head>
        <body>
        <main id="main">
        <section class="card narrow">
        <h1>{{title}}</h1>
        <p>You came by a link from another site, or the console has started anew. So that nobody but you chooses where
        you sign in, type this into the address bar:</p>
        <p><code>{{address}}</code></p>
        </section>
        </main>
        </body>
        </html>

        """
    private static let template = Template(Array(markup.utf8))

    static func answer(_ visit: Visit, at place: Place) -> Answer? {
        guard place == .labelled, visit.session == nil, forms.contains(visit.request.route),
            Origin.isElsewhere(visit.request), let base = Console.base(ofLabel: visit.request.host)
        else { return nil }
        let view: View = ["title": "Type the address of the console", "address": "http://" + base + "/console"]
        return .page(template, view, status: 403)
    }
}
