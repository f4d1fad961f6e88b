internal import SecretMemory
internal import Vault
internal import VaultAPI

/// From answers to bytes, with the headers that make a page safe.
extension Console {
    /// No script, style or frame but our own, in a page or around it (CSP 3).
    static let policy = """
        default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
        form-action 'self'; frame-ancestors 'none'; base-uri 'none'
        """

    private static let guards: [(name: String, value: String)] = [
        ("Content-Security-Policy", policy),
        ("Referrer-Policy", "no-referrer"),
        ("X-Frame-Options", "DENY"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ]

    func reply(_ answer: Answer, _ visit: Visit, _ context: Context) -> ConsoleReply {
        var reply: ConsoleReply
        switch answer {
        case .page(let template, let view, let status, let secrets, let headers):
            do {
                let body = try template.filled(with: layout(view, visit, context), secrets: secrets)
                reply = ConsoleReply(status: status, headers: Self.guards + headers, body: body)
            } catch {
                return problem(Problem(.internal, nil), nil)
            }
        case .done(let notice, let path):
            if let notice { visit.session?.leave(notice) }
            return redirect(path)
        case .elsewhere(let path, let headers):
            reply = redirect(path)
            reply.headers += headers
            return reply
        case .file(let bytes, let type, let etag):
            return file(bytes, type, etag, context.request)
        }
        if context.session == nil, let visit = context.visit,
            context.cookies.value(.visit, in: context.request.cookies) != visit
        {
            reply.headers.append(context.cookies.set(.visit, visit))
        }
        return reply
    }

    private func file(_ bytes: [UInt8], _ type: String, _ etag: String, _ request: ConsoleRequest) -> ConsoleReply {
        let headers = Self.guards + [("ETag", "\"\(etag)\"")]
        guard !request.etags.contains(etag), !request.etags.contains("*") else {
            return ConsoleReply(status: 304, headers: headers, isPublic: true)
        }
        return ConsoleReply(status: 200, headers: headers, body: bytes, type: type, isPublic: true)
    }

    func redirect(_ path: String) -> ConsoleReply {
        ConsoleReply(status: 303, headers: Self.guards + [("Location", path)])
    }

    /// The reply to a request whose page failed.
    func reply(to error: any Error, _ context: Context) -> ConsoleReply {
        switch error {
        case let error as VaultError:
            switch error.code {
            case .sealed, .uninitialized, .unauthorized:
                if error.code == .unauthorized, let session = context.session { sessions.end(session) }
                return way(in: vault.status().state, from: context, wasSignedIn: context.session != nil)
            default: return problem(Problem(error), context)
            }
        case let error as ConsoleError:
            if let error = vault.recordRefusal(context.requester, code: error.code.rawValue) {
                return problem(Problem(error), context)
            }
            return problem(Problem(error.code, error.detail, retryAfter: error.retryAfter), context)
        default: return problem(Problem(.internal, nil), context)
        }
    }

    /// The page from which something was asked that has an address of its own: a key's, for what is done to the key.
    private func pageBehind(_ context: Context) -> String? {
        let path = context.request.path
        guard context.session != nil, SignIn.isPage(path), let verb = path.lastIndex(of: ":") else { return nil }
        return String(path[..<verb])
    }

    func problem(_ problem: Problem, _ context: Context?) -> ConsoleReply {
        var headers = Self.guards
        if let seconds = problem.retryAfter { headers.append(("Retry-After", String(seconds))) }
        var view = problem.view
        view["signed_in"] = context?.session != nil
        view["back"] = context.flatMap(pageBehind).shown
        let body = try? Problem.template.filled(
            with: plainLayout(view, formToken: context.map(formToken) ?? "", session: context?.session))
        return ConsoleReply(
            status: problem.code.status, headers: headers, body: body ?? Array("<!doctype html><p>It failed.".utf8),
            code: problem.code.rawValue)
    }
}
