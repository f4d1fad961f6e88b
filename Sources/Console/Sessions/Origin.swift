/// Where a request comes from, by what browsers say of it.
enum Origin {
    /// Whether a page of another origin led the browser here.
    static func isElsewhere(_ request: ConsoleRequest) -> Bool {
        request.site == "cross-site" || request.site == "same-site"
    }

    /// Whether a form was sent by a page of ours.
    ///
    /// A browser says so with `Origin`, or, where that is withheld, with `Sec-Fetch-Site`, which no page can set
    /// (Fetch Metadata). A request with neither comes from no browser that could be trusted to have asked.
    static func isOurs(_ request: ConsoleRequest) -> Bool {
        if let site = request.site, site != "same-origin" { return false }
        guard let given = request.origin, given != "null" else { return request.site != nil }
        let host = request.host.lowercased()
        let origin = given.lowercased()
        return origin == "https://" + host || !request.isTLS && origin == "http://" + host
    }
}
