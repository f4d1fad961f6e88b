internal import Policy
internal import Rotation
internal import Vault
internal import VaultAPI

extension Operations {
    func listRotations() throws -> Reply {
        let page = try vault.listRotations(
            requester,
            RotationQuery(
                standings: try standings(), dueBefore: try moment("due_before"), prefix: query["prefix"] ?? "",
                limit: try limit(), cursor: query["cursor"]))
        return try Reply(
            json: RotationList(rotations: page.items.compactMap { RotationEntry($0) }, cursor: page.cursor))
    }

    func rotateKey(_ request: RotateRequest?) async throws -> Reply {
        try Self.reply(
            try await vault.rotate(requester, try path(), endingOverlap: request?.endOverlap ?? false))
    }

    func planRotation() throws -> Reply {
        try Reply(json: RotationPlanReply(try vault.planRotation(requester, try path())))
    }

    func resumeRotation() async throws -> Reply {
        try Self.reply(try await vault.resumeRotation(requester, try path()))
    }

    func abortRotation() async throws -> Reply {
        try Self.reply(try await vault.abortRotation(requester, try path()))
    }

    func rollBackRotation() async throws -> Reply {
        try Self.reply(try await vault.rollBack(requester, try path()))
    }

    func pauseRotation() async throws -> Reply {
        try Self.reply(try await vault.pauseRotation(requester, try path()))
    }

    func unpauseRotation() async throws -> Reply {
        try Self.reply(try await vault.unpauseRotation(requester, try path()))
    }

    func acknowledgeKey(_ request: AcknowledgeRequest?) async throws -> Reply {
        let path = try path()
        if let instance = request?.instance, !InstanceName.isValid(instance) {
            throw Refusal(.invalidField, "an instance is \(InstanceName.expectation)", field: "instance")
        }
        let version = try request?.version.map { (version) throws(Refusal) in try Self.version(version) }
        let key = try await vault.acknowledge(requester, path, version: version, instance: request?.instance)
        return try Reply(json: AcknowledgeReply(path: path.text, version: Int(key.current)))
    }

    func confirmTime() async throws -> Reply {
        let time = try await vault.confirmTime(requester)
        return try Reply(json: ConfirmTimeReply(time: VaultAPI.Timestamp(milliseconds: time)))
    }

    func rotationsWereRestored() async throws -> Reply {
        try Reply(json: RotationsRestoredReply(keys: try await vault.rotationsWereRestored(requester)))
    }

    // MARK: What the request says

    private static func version(_ version: Int) throws(Refusal) -> UInt32 {
        guard version > 0, let number = UInt32(exactly: version) else {
            throw Refusal(.invalidField, "versions are numbered from 1", field: "version")
        }
        return number
    }

    /// Words with commas between; none: all.
    private func standings() throws(Refusal) -> Set<RotationStanding> {
        guard let text = query["state"] else { return [] }
        var standings: Set<RotationStanding> = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let state = KeyRotationState(rawValue: String(word)) else {
                throw Refusal(
                    .invalidField, "`state` is one of \(KeyRotationState.list), or several with commas between",
                    field: "state")
            }
            standings.insert(state.standing)
        }
        return standings
    }
}
