internal import Audit
internal import IssuedKeys
internal import Policy
package import SecretMemory
internal import Sealing

/// Enrolment codes. Making one needs what issuing the access key would need, and that is asked again of whoever made it
/// when the code is exchanged.
extension Vault {
    /// Makes a code. Its text is in the result, and nowhere else ever again.
    ///
    /// - Throws: ``VaultError``: `refused` without leave to grant each policy, `invalid_field`, `conflict` where too many
    ///   codes wait.
    package func enrol(
        _ requester: Requester, _ request: EnrolmentRequest
    ) async throws(VaultError) -> MintedEnrolment {
        let admitted = try recognise(requester, "enrol", .issuer(AccessKeys.issuer))
        if request.policies.isEmpty { try admitToAccessKeys(admitted) }
        try mayGrant(request.policies, admitted)
        let author = admitted.caller
        return try await changing(admitted) { (staging) throws(VaultError) in
            try staging.enrol(request, by: author)
        }
    }

    /// The codes that the caller may see, the newest first: those whose policies it may grant.
    package func enrolments(_ requester: Requester) throws(VaultError) -> [EnrolmentRecord] {
        var admitted = try recognise(requester, "list_enrolments", .issuer(AccessKeys.issuer))
        try admitToAccessKeys(admitted)
        return try audited(&admitted) { (admitted) throws(VaultError) in
            let all = admitted.session.read { Array($0.index.enrolments.values) }
            return all.filter { admitted.maySee(scopes: $0.stored.scopes) }
                .map { $0.record(at: admitted.now) }
                .sorted { ($0.created, $0.id) > ($1.created, $1.id) }
        }
    }

    /// Has a code exchanged by nobody any more: in force when this returns. One that has been exchanged stays so.
    ///
    /// - Throws: ``VaultError``: `not_found` also where the caller may not see it, `conflict` for one that was exchanged.
    package func cancelEnrolment(
        _ requester: Requester, id: String
    ) async throws(VaultError) -> EnrolmentRecord {
        var admitted = try recognise(requester, "cancel_enrolment", .issuer(AccessKeys.issuer))
        try admitToAccessKeys(admitted)
        admitted.draft.issuedKey = IssuedKeyID(id)?.text
        let known = admitted
        let number = try checked(known) { () throws(VaultError) in
            guard let number = IssuedKeyNumber(id), let entry = known.session.enrolment(number),
                known.maySee(scopes: entry.stored.scopes)
            else { throw Self.noEnrolment }
            return number
        }
        return try await changing(known) { (staging) throws(VaultError) in
            guard let entry = staging.enrolment(number) else { throw Self.noEnrolment }
            guard entry.stored.redeemed == 0 else {
                throw VaultError(
                    .conflict, "the code was exchanged already; revoke the access key that came of it instead")
            }
            guard entry.stored.cancelled == 0 else { return entry.record(at: staging.now) }
            var stored = entry.stored
            stored.cancelled = UInt64(staging.now)
            return try staging.putEnrolment(stored).record(at: staging.now)
        }
    }

    private static let noEnrolment = VaultError(.notFound, "there is no enrolment code with this id")

    /// Exchanges a code for its access key. Open to everybody: the code is the credential.
    ///
    /// Whatever is wrong with a code, whoever presents it is told the same. A code that is presented again after it was
    /// exchanged raises an alarm: a change of its record, with an entry `enrolment_reused` that names the access key. What
    /// comes after that is counted like any other stranger.
    ///
    /// - Throws: ``VaultError``: `unauthorized`, `sealed`.
    package func redeem(_ requester: Requester, code text: WipedBytes) async throws(VaultError) -> MintedAccessKey {
        // A second look only where another took the code between the first and the commit.
        for _ in 0..<2 {
            let (open, entry, now) = try recogniseCode(requester, text)
            switch entry.state(at: now) {
            case .waiting where entry.networks.admits(requester.placeOfUse) && authorStillMayGrant(entry, open, now):
                do throws(VaultError) {
                    let (number, address) = (entry.number, requester.auditAddress)
                    let draft = draft("redeem", requester)
                    return try await open.committer.commit(draft) { (staging) throws(VaultError) in
                        try staging.redeem(number, from: address)
                    }
                } catch {
                    guard error.code == .conflict else { throw error }
                }
            case .redeemed where entry.stored.reused == 0 && !open.session.readOnly:
                try await noteReuse(entry, requester, open)
                throw Self.noCode
            default: throw strange(requester)
            }
        }
        throw strange(requester)
    }

    private static let noCode = VaultError(
        .unauthorized,
        "the enrolment code is not valid here; it may have been used, have expired or be for another network: ask for a new one"
    )

    /// Counts somebody whose code is good for nothing.
    private func strange(_ requester: Requester) -> VaultError {
        trail.stranger(requester, code: .unauthorized)
        return Self.noCode
    }

    /// The code that a text is, found by its id and compared in constant time.
    private func recogniseCode(
        _ requester: Requester, _ text: WipedBytes
    ) throws(VaultError) -> (Open, EnrolmentEntry, Timestamp) {
        let open: Open
        do throws(VaultError) { open = try opened() } catch {
            trail.stranger(requester, code: error.code)
            throw error
        }
        guard text.count <= PresentedKey.longest else { throw strange(requester) }
        let parsed = try? IssuedKeyText.parse(text)
        let entry = parsed.flatMap { open.session.enrolment(IssuedKeyNumber($0.id)) }
        let isIt = open.session.keyring.keptHash(text).matches(entry?.hash)
        guard isIt, let entry, parsed?.prefix == Enrolments.prefix else { throw strange(requester) }
        return (open, entry, now(open.session))
    }

    /// What Keyturn does for somebody of whom nothing is known but the code: the access key stands in the line.
    private func draft(_ action: AuditToken, _ requester: Requester) -> AuditDraft {
        var draft = AuditDraft(system: action)
        draft.address = requester.auditAddress
        draft.route = AuditRoute(ofTable: requester.route)
        draft.issuer = AccessKeys.issuer
        draft.began = requester.began
        return draft
    }

    private func noteReuse(_ entry: EnrolmentEntry, _ requester: Requester, _ open: Open) async throws(VaultError) {
        var draft = draft("enrolment_reused", requester)
        draft.issuedKey = entry.stored.issuedKey
        let (number, address) = (entry.number, requester.auditAddress)
        counters.enrolmentReused()
        try await open.committer.commit(draft) { (staging) throws(VaultError) in
            guard let entry = staging.enrolment(number), entry.stored.reused == 0 else { return }
            var stored = entry.stored
            stored.reused = UInt64(staging.now)
            stored.reusedFrom = address
            try staging.putEnrolment(stored)
        }
    }

    /// Whether whoever made a code could make the access key now: a revoked key hands nothing on.
    private func authorStillMayGrant(_ entry: EnrolmentEntry, _ open: Open, _ now: Timestamp) -> Bool {
        let set = loadedPolicies.set
        let held: [String]
        let parts = entry.stored.createdBy.split(separator: ":", maxSplits: 1)
        switch (parts.first, parts.last) {
        case ("access-key"?, let id?):
            guard let author = open.session.issued(String(id)),
                [.active, .rolled].contains(author.state(at: now))
            else { return false }
            held = author.stored.scopes
        default: held = set.policies(forUnixUser: entry.stored.createdByName)
        }
        return entry.stored.scopes.allSatisfy { set.contains($0) && set.decideGrant(held, of: $0).allowed }
    }

    /// Forgets codes that ended long ago.
    func sweepEnrolments(_ open: Open, _ now: Timestamp) async throws(VaultError) {
        let due = open.session.read { guarded in
            guarded.index.enrolments.values.filter { $0.isForgotten(at: now) }.map(\.number)
        }
        guard !due.isEmpty else { return }
        try await open.committer.commit(AuditDraft(system: "forget_enrolments")) { (staging) throws(VaultError) in
            for number in due {
                guard let entry = staging.enrolment(number), entry.isForgotten(at: staging.now) else { continue }
                staging.removeEnrolment(entry)
            }
        }
    }
}
