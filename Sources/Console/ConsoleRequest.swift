package import SecretMemory
package import Vault

/// A request to the console, as the server hands it over: its head is in order and its body is in whole.
package struct ConsoleRequest: Sendable {
    /// The method and the template that matched, such as `GET /console/keys/{path}`: the name of a ``Page``.
    package var route: String
    /// The path that was asked for.
    package var path: String
    /// What stood in the template's braces.
    package var parameters: [String: String]
    /// What follows the `?`, still encoded.
    package var query: String?
    /// Where the request comes from. What it presents in headers counts for nothing here: a session does.
    package var requester: Requester
    /// The Host header.
    package var host: String
    /// Whether the connection is encrypted.
    package var isTLS: Bool
    /// The headers `Origin` and `Sec-Fetch-Site`, by which browsers say where a request comes from.
    package var origin: String?
    package var site: String?
    /// Each Cookie header.
    package var cookies: [String]
    /// The entity tags of `If-None-Match`.
    package var etags: [String]
    /// A form, `application/x-www-form-urlencoded`; nothing for a `GET`.
    package var body: WipedBytes

    package init(
        route: String, path: String, parameters: [String: String] = [:], query: String? = nil, requester: Requester,
        host: String, isTLS: Bool = false, origin: String? = nil, site: String? = nil, cookies: [String] = [],
        etags: [String] = [], body: WipedBytes = WipedBytes(utf8: "")
    ) {
        self.route = route
        self.path = path
        self.parameters = parameters
        self.query = query
        self.requester = requester
        self.requester.credential = .none
        self.host = host
        self.isTLS = isTLS
        self.origin = origin
        self.site = site
        self.cookies = cookies
        self.etags = etags
        self.body = body
    }
}

/// What the console answers.
package struct ConsoleReply: Sendable {
    package var status: Int
    /// Beside those that every reply of the server has.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    package var type: String
    /// Whether caches may keep it if they ask first; otherwise nobody keeps it.
    package var isPublic: Bool
    /// The code of the problem that the page shows; nil: there is none.
    package var code: String?

    package init(
        status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        type: String = "text/html; charset=utf-8", isPublic: Bool = false, code: String? = nil
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.type = type
        self.isPublic = isPublic
        self.code = code
    }
}
