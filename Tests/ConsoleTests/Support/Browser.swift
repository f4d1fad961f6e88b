import Foundation
import IssuedKeys
import SecretMemory
import Testing
import Vault

@testable import Console
@testable import Server

/// A browser without scripts: it keeps cookies by host, sends what a form holds, and follows where it is sent. There it
/// says where it comes from, and brings no cookie where another site sent it: all of ours are `SameSite=Strict`.
final class Browser {
    let scene: ConsoleScene
    var host = "localhost:8200"
    var isTLS = false
    /// Cookies by host and name. Ports make no difference, as in browsers.
    var cookies: [String: [String: String]] = [:]
    /// What was shown last.
    private(set) var page = ""
    private(set) var reply = ConsoleReply(status: 0)
    private(set) var path = ""
    /// What the last request said of where it came from.
    private var site: String?
    /// Every page that was shown.
    private(set) var history: [(request: String, page: String)] = []

    init(_ scene: ConsoleScene) { self.scene = scene }

    private var jar: [String: String] { cookies[name(of: host)] ?? [:] }
    private func name(of host: String) -> String { String(host.split(separator: ":")[0]) }

    /// Asks for a page and goes where it leads.
    @discardableResult
    func get(_ target: String, site: String? = "none") async throws -> Int {
        try await send("GET", target, origin: nil, site: site, body: "")
        return try await follow()
    }

    /// Sends a form with the token of the page that is shown, and goes where it leads.
    @discardableResult
    func post(_ target: String, _ fields: [String: String] = [:]) async throws -> Int {
        var fields = fields
        if fields["csrf"] == nil { fields["csrf"] = token }
        try await send("POST", target, origin: "null", site: "same-origin", body: Self.form(fields))
        return try await follow()
    }

    /// Sends one request and stays there.
    @discardableResult
    func send(
        _ method: String, _ target: String, origin: String?, site: String?, body: String, bringsCookies: Bool = true
    ) async throws -> ConsoleReply {
        self.site = site
        let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
        path = parts[0]
        let jar = bringsCookies ? self.jar : [:]
        let match: RouteTable.Match
        do { match = try RouteTable.console.match(method, path) } catch {
            throw NoSuchPage(target: "\(method) \(target)")
        }
        reply = await scene.console.answer(
            ConsoleRequest(
                route: match.route.name, path: path, parameters: match.parameters,
                query: parts.count > 1 ? parts[1] : nil,
                requester: Requester(
                    credential: .none, door: .network, address: try? IPAddress(parsing: "127.0.0.1"),
                    route: match.route.name),
                host: host, isTLS: isTLS, origin: origin, site: site,
                cookies: jar.isEmpty ? [] : [jar.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")],
                body: WipedBytes(utf8: body)))
        for (_, value) in reply.headers.filter({ $0.name == "Set-Cookie" }) { keep(value) }
        page = String(decoding: reply.body, as: UTF8.self)
        // What a template shows where a text is missing.
        #expect(!page.contains(">false<") && !page.contains(">true<"), "\(method) \(path)")
        history.append(("\(method) \(target)", page))
        return reply
    }

    private func keep(_ cookie: String) {
        let pair = cookie.split(separator: ";")[0].split(separator: "=", maxSplits: 1).map(String.init)
        if cookie.contains("Max-Age=0") {
            cookies[name(of: host)]?[pair[0]] = nil
        } else {
            cookies[name(of: host), default: [:]][pair[0]] = pair[1]
        }
    }

    private func follow() async throws -> Int {
        for _ in 0..<10 {
            guard try await goOn() else { break }
        }
        return reply.status
    }

    /// Goes one step to where the reply sends a browser: by a redirect, or from a page that gives way at once.
    ///
    /// - Returns: false where it sends it nowhere.
    @discardableResult
    func goOn() async throws -> Bool {
        let isPage = reply.status != 303
        let refresh = reply.header("Refresh").flatMap { $0.hasPrefix("0; url=") ? String($0.dropFirst(7)) : nil }
        guard var target = isPage ? refresh : reply.header("Location") else { return false }
        let before = host
        if let range = target.range(of: "://") {
            let rest = target[range.upperBound...]
            let slash = rest.firstIndex(of: "/") ?? rest.endIndex
            host = String(rest[..<slash])
            target = String(rest[slash...])
        }
        // A page is where the way begins; a redirect is one step more of the way that there was.
        var site = isPage ? "same-origin" : self.site
        if host != before, site == "same-origin" || site == "same-site" { site = "cross-site" }
        try await send("GET", target, origin: nil, site: site, body: "", bringsCookies: site != "cross-site")
        return true
    }

    func signIn(_ key: String) async throws {
        try await get("/console/sign-in")
        try await post("/console/sign-in", ["key": key])
    }

    /// The token of the forms on the page that is shown.
    var token: String { value(of: "csrf") ?? "" }

    /// What a field of the page that is shown holds.
    func value(of field: String) -> String? {
        guard let start = page.range(of: "name=\"\(field)\" value=\"") else { return nil }
        return page[start.upperBound...].split(separator: "\"", omittingEmptySubsequences: false).first.map(String.init)
    }

    static func form(_ fields: [String: String]) -> String {
        fields.map { "\(FormEncoding.encode($0.key))=\(FormEncoding.encode($0.value))" }.joined(separator: "&")
    }

    struct NoSuchPage: Error { var target: String }
}

extension ConsoleReply {
    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
    func headers(_ name: String) -> [String] { headers.filter { $0.name == name }.map(\.value) }
}
