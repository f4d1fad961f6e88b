internal import HummingbirdCore
internal import NIOCore
internal import SecretMemory
internal import Vault
internal import VaultAPI

/// Answers requests that the gate has let through: reads the body, calls the operation, writes what it gives.
struct DoorResponder: Sendable {
    let desk: FrontDesk
    let budget: BodyBudget

    @concurrent func answer(_ request: Request, _ writer: consuming ResponseWriter) async throws {
        let response = await response(to: request)
        try await writer.write(response: response.head, body: response.body)
    }

    /// An access key pays for a request before any of its body is read, whatever becomes of it.
    private func charge(_ admission: inout Admission) async throws {
        guard admission.requester.credential.isAccessKey, !admission.route.isOpen, !admission.hasPaid else {
            return
        }
        if try desk.vault.spendNow(&admission.requester) { return }
        try await desk.vault.spend(&admission.requester)
    }

    /// Bodies of JSON take room that all share: only those who can be served fill it.
    private func refuseBeforeBody(_ admission: Admission) throws {
        guard case .json = admission.route.body else { return }
        if case .none = admission.requester.credential, !admission.route.isOpen {
            throw Refusal(.unauthorized, "no credential was presented; send `Authorization: Bearer <access key>`")
        }
        switch desk.vault.status().state {
        case .unsealed: return
        case .sealed: throw Refusal(VaultError.sealed())
        case .uninitialized:
            throw Refusal(.uninitialized, "there is no vault yet; an operator makes one with `keyturn init`")
        }
    }

    private func response(to request: Request) async -> Response {
        guard var admission = Connection.current?.take() else {
            return Reply(Refusal(.internal)).response(RequestID(), at: desk.now())
        }
        var taken = 0
        defer { budget.give(taken) }
        var reply: Reply
        var code: String?
        do {
            try await charge(&admission)
            try refuseBeforeBody(admission)
            if let page = await Operations(desk: desk, admission: admission).pageWithoutBody() {
                desk.finished(admission, status: page.status, code: nil)
                return page.response(admission.requestID, at: desk.now())
            }
            let body = try await BodyReader.read(
                request.body, for: admission, within: budget, taken: &taken)
            reply = try await Operations(desk: desk, admission: admission).perform(body)
            code = reply.code
        } catch is Gate.Ended {
            return Reply(Refusal(.timeout)).response(admission.requestID, at: desk.now())
        } catch {
            (reply, code) = desk.reply(to: error, of: admission)
        }
        admission = Connection.current?.answered(admission) ?? admission
        desk.finished(admission, status: reply.status, code: code)
        desk.warn(&reply, admission)
        return reply.response(admission.requestID, at: desk.now())
    }
}
