package import VaultAPI

/// Which rotations a list is to hold.
package struct RotationSearch: Sendable, Equatable {
    /// None: all.
    package var states: [KeyRotationState]
    package var dueBefore: Timestamp?
    package var prefix: String?

    package init(states: [KeyRotationState] = [], dueBefore: Timestamp? = nil, prefix: String? = nil) {
        self.states = states
        self.dueBefore = dueBefore
        self.prefix = prefix
    }
}

/// What can be done about a rotation without saying more.
package enum RotationVerb: String, Sendable, CaseIterable {
    case resume, abort, rollback, pause, unpause
}

extension KeyturnVault {
    /// `POST /v1/keys/{path}:rotate`.
    package func rotate(_ path: String, _ request: RotateRequest) async throws(KeyturnClientError) -> KeyMetadata {
        try await send(try Call.key(.post, path, verb: "rotate").sending(request))
    }

    /// `POST /v1/keys/{path}:resume` and the like.
    package func steer(_ verb: RotationVerb, _ path: String) async throws(KeyturnClientError) -> KeyMetadata {
        try await send(Call.key(.post, path, verb: verb.rawValue))
    }

    /// `POST /v1/keys/{path}:plan`.
    package func rotationPlan(of path: String) async throws(KeyturnClientError) -> RotationPlanReply {
        try await send(Call.key(.post, path, verb: "plan"))
    }

    /// `POST /v1/keys/{path}:acknowledge`.
    package func acknowledge(
        _ path: String, _ request: AcknowledgeRequest
    ) async throws(KeyturnClientError) -> AcknowledgeReply {
        try await send(try Call.key(.post, path, verb: "acknowledge").sending(request))
    }

    /// `GET /v1/rotations`: one page.
    package func rotations(
        _ search: RotationSearch, limit: Int?, cursor: String?
    ) async throws(KeyturnClientError) -> RotationList {
        var call = Call(.get, "/v1/rotations")
        let states = search.states.map(\.rawValue).joined(separator: ",")
        call.ask("state", states.isEmpty ? nil : states)
        call.ask("due_before", search.dueBefore?.description)
        call.ask("prefix", search.prefix)
        call.ask("limit", limit)
        call.ask("cursor", cursor)
        return try await send(call)
    }

    /// `POST /v1/seal:confirm-time`.
    package func confirmTime() async throws(KeyturnClientError) -> ConfirmTimeReply {
        try await send(Call(.post, "/v1/seal:confirm-time"))
    }

    /// `POST /v1/rotations:restored`.
    package func rotationsWereRestored() async throws(KeyturnClientError) -> RotationsRestoredReply {
        try await send(Call(.post, "/v1/rotations:restored"))
    }
}
