internal import Audit
internal import IssuedKeys
internal import Policy
package import Rotation
internal import Sealing
package import SecretMemory
internal import Synchronization

/// Where the rotator `issuer` has keys made, verified and ended: made before the vault, which takes it over.
///
/// Each call is admitted anew in the name of whoever wrote the rotation settings of the key that is rotated.
package final class VaultIssuerDesk: IssuerDesk {
    private struct Reference: Sendable { weak var vault: Vault? }
    private let reference = Mutex(Reference())

    package init() {}

    func serve(_ vault: Vault) { reference.withLock { $0.vault = vault } }

    package func mint(_ order: IssuerOrder, _ context: RotationContext) async -> RotatorOutcome<Candidate> {
        await acting(order.issuer, context, "issue") { (staging, author) throws(VaultError) in
            for entry in staging.marked(context, of: order.issuer) where entry.stored.createdBy == context.author {
                _ = try staging.revokeIssued(order.issuer, id: entry.stored.id)
            }
            let minted = try staging.mint(order, context, grants: author)
            return Candidate(
                handle: minted.record.id, fields: [RotationField(name: "value", value: minted.text)])
        }
    }

    package func verify(
        _ text: WipedBytes, issuer: String, _ context: RotationContext
    ) async -> RotatorOutcome<Void> {
        guard let (open, _) = admit(issuer, context) else { return .notDone(.notPermitted, retryAfter: nil) }
        let presented = PresentedKey(text, open.session.keyring)
        guard let entry = open.session.issued(presented), entry.stored.issuer == issuer else {
            return .rejected(.testFailed, newCandidate: true)
        }
        switch entry.state(at: open.session.clocks(wall: open.rotations.around.now()).now) {
        case .active, .rolled: return .done
        case .disabled, .expired, .revoked: return .rejected(.testFailed, newCandidate: true)
        }
    }

    package func revoke(handle: String, issuer: String, _ context: RotationContext) async -> RotatorOutcome<Void> {
        await acting(issuer, context, "revoke") { (staging, _) throws(VaultError) in
            guard let entry = staging.issuedKey(handle), entry.stored.issuer == issuer else { return }
            staging.note(issuedKey: handle)
            _ = try staging.revokeIssued(issuer, id: handle)
        }
    }

    package func list(
        issuer: String, _ context: RotationContext
    ) async -> RotatorOutcome<[ListedCredential]> {
        guard let (open, _) = admit(issuer, context) else { return .notDone(.notPermitted, retryAfter: nil) }
        let now = open.session.clocks(wall: open.rotations.around.now()).now
        let entries = open.session.read { guarded in
            guarded.index.made(for: context.keyID).compactMap { guarded.index.issued[$0] }
        }
        return .done(
            entries.filter { $0.stored.issuer == issuer && $0.isInForce(at: now) }.map { entry in
                ListedCredential(
                    handle: entry.stored.id, created: Int64(entry.stored.created),
                    origin: entry.stored.createdBy == context.author ? .thisAttempt : .thisKey)
            })
    }

    package func handle(of text: WipedBytes) -> String? { (try? IssuedKeyText.parse(text))?.id.text }

    // MARK: Authority

    /// The open vault, and what decides what the author may grant; nil where the author may not.
    private func admit(_ issuer: String, _ context: RotationContext) -> (Vault.Open, Grants)? {
        guard let vault = reference.withLock({ $0.vault }), let open = try? vault.opened(),
            let entry = open.session.key(context.keyPath), entry.keyIDText == context.keyID, entry.rotation != nil
        else { return nil }
        let set = vault.loadedPolicies.set
        let author = RotationAuthor(entry.head.rotation)
        let now = vault.now(open.session)
        guard let policies = author.policies(set, at: now, issued: { open.session.issued($0) }),
            RotatorReach(issuers: [issuer]).isPermitted(policies, set)
        else { return nil }
        return (open, Grants(set: set, policies: policies))
    }

    /// Makes one change in the name of the author.
    private func acting<Value: Sendable>(
        _ issuer: String, _ context: RotationContext, _ action: AuditToken,
        _ act: @escaping @Sendable (inout Staging, Grants) throws(VaultError) -> Value
    ) async -> RotatorOutcome<Value> {
        guard let (open, grants) = admit(issuer, context) else { return .rejected(.notPermitted, newCandidate: false) }
        var draft = AuditDraft(system: action, key: context.keyPath)
        if IssuedKeyChecks.isName(issuer) { draft.issuer = issuer }
        draft.detail = "rotation"
        do throws(VaultError) {
            return .done(
                try await open.committer.commit(draft) { (staging) throws(VaultError) in try act(&staging, grants) })
        } catch {
            switch error.code {
            case .refused: return .rejected(.notPermitted, newCandidate: false)
            case .notFound, .invalidField: return .rejected(.invalidSettings, newCandidate: false)
            case .inDoubt: return .doubtful(.internal)
            case .sealed: return .notDone(.interrupted, retryAfter: nil)
            default: return .notDone(.internal, retryAfter: nil)
            }
        }
    }
}

/// What somebody may hand on.
struct Grants: Sendable {
    var set: PolicySet
    var policies: [String]

    /// Whether all of these can be the policies of an access key.
    func allow(_ names: [String]) -> Bool {
        names.allSatisfy { set.contains($0) && set.decideGrant(policies, of: $0).allowed }
    }
}

extension RotationContext {
    /// Who made an issued key, as its record has it: this attempt.
    var author: String { IssuedEntry.rotationAuthor + mark }
}

extension IssuedEntry {
    static let rotationAuthor = "keyturn:rotation:"

    /// The beginning of the id of the key for whose rotation it was made; nil where it was made otherwise.
    var madeFor: Substring? {
        guard stored.createdBy.hasPrefix(Self.rotationAuthor) else { return nil }
        return stored.createdBy.dropFirst(Self.rotationAuthor.count).dropFirst("keyturn-".count).prefix(16)
    }

    func isInForce(at now: Timestamp) -> Bool {
        switch state(at: now) {
        case .active, .rolled, .disabled: true
        case .expired, .revoked: false
        }
    }
}

extension Staging {
    /// Issued keys in force that were made for the rotation of a key.
    func marked(_ context: RotationContext, of issuer: String) -> [IssuedEntry] {
        let numbers = session.read { $0.index.made(for: context.keyID) }
        let known = numbers.compactMap { issuedKey($0) }
        let fresh = issued.values.compactMap { $0 }.filter { entry in
            !numbers.contains(entry.number) && entry.madeFor.map { context.keyID.hasPrefix($0) } == true
        }
        return (known + fresh).filter { $0.stored.issuer == issuer && $0.isInForce(at: now) }
    }

    /// Makes the successor of the key in service, or the first of its line.
    ///
    /// - Throws: ``VaultError`` with `refused` for an access key whose policies the author may not grant.
    mutating func mint(
        _ order: IssuerOrder, _ context: RotationContext, grants: Grants
    ) throws(VaultError) -> MintedIssuedKey {
        let issuer = try existing(order.issuer)
        let before = order.replacing.flatMap { issuedKey($0) }.flatMap { $0.stored.issuer == order.issuer ? $0 : nil }
        let record = before?.record(at: now)
        var request = IssueRequest(
            name: order.name ?? record?.name ?? context.keyPath,
            description: order.description ?? record?.description ?? "", owner: order.owner ?? record?.owner ?? "",
            scopes: order.scopes ?? record?.scopes ?? [])
        request.networks = order.networks ?? (record?.networks.isEmpty == false ? record?.networks : nil)
        request.tier = order.tier ?? record?.tier
        request.limits = order.limits ?? (order.tier == nil && record?.limits.isEmpty == false ? record?.limits : nil)
        request.quota = order.tier == nil ? record?.quota : nil
        request.metadata = record?.metadata ?? [:]
        switch order.lifetime {
        case .issuers: request.expires = .issuers
        case .never: request.expires = .never
        case .after(let milliseconds): request.expires = .at(now + milliseconds)
        }
        if order.issuer == AccessKeys.issuer, !grants.allow(request.scopes) || request.scopes.isEmpty {
            throw VaultError(.refused, "the author of the rotation may not grant these policies")
        }
        return try mint(request, of: issuer, after: before, by: context.author)
    }
}
