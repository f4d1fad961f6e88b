internal import Console

extension RouteTable {
    /// The pages of the console. They are no calls: the document of the API does not have them.
    static let console = RouteTable(
        Console.routes.map { page in
            Route(
                .page, page.method, page.template, "A page of the console.",
                body: page.method == "POST" ? .form(bytes: page.bytes) : .none, replies: [], isOpen: true)
        })
}
