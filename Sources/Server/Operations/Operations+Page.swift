internal import Console
internal import NIOCore
internal import SecretMemory
internal import Vault
internal import VaultAPI

/// Pages for people.
extension Operations {
    func page(_ form: WipedBytes) async -> Reply {
        guard let console = desk.console, let request = pageRequest(form) else { return Reply(Refusal(.notFound)) }
        let wasOpen = vault.status().state == .unsealed
        let answer = await console.answer(request)
        if wasOpen, vault.status().state == .sealed { await desk.connections.settle() }
        return Reply(page: answer)
    }

    /// The answer to a form that is not worth reading: whoever sent it has to sign in first.
    func pageWithoutBody() async -> Reply? {
        guard case .form = admission.route.body, let console = desk.console,
            let request = pageRequest(WipedBytes(utf8: "")), console.refusesBody(of: request)
        else { return nil }
        return Reply(page: await console.answer(request))
    }

    private func pageRequest(_ form: WipedBytes) -> ConsoleRequest? {
        guard let head = admission.page else { return nil }
        return ConsoleRequest(
            route: admission.route.name, path: head.path, parameters: admission.parameters, query: head.query,
            requester: admission.requester, host: head.host, isTLS: head.isTLS, origin: head.origin, site: head.site,
            cookies: head.cookies, etags: head.etags, body: form)
    }
}

extension Reply {
    init(page: ConsoleReply) {
        self.init(
            status: page.status, headers: page.headers, body: ByteBuffer(bytes: page.body), type: page.type,
            isPublic: page.isPublic)
        code = page.code
    }
}
