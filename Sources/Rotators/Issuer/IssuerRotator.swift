internal import Rotation
internal import SecretMemory

/// Makes a key's successor at one of the vault's issuers, and revokes the one before.
///
/// Nothing leaves the vault, and each call is one commit. What a crash leaves in doubt is found by its mark.
struct IssuerRotator: Rotator {
    let order: IssuerOrder
    /// Where the text of the issued key is kept. The other fields stay as they are.
    let field: String
    let desk: any IssuerDesk

    var capabilities: RotatorCapabilities { RotatorCapabilities(canList: true, marksAttempts: true) }

    var reach: RotatorReach { RotatorReach(issuers: [order.issuer]) }

    var lifetime: IssuerOrder.Lifetime? { order.lifetime }

    func handle(of fields: [RotationField]) -> String? {
        fields.first { $0.name == field }.flatMap { desk.handle(of: $0.value) }
    }

    func create(_ context: RotationContext) async -> RotatorOutcome<Candidate> {
        var order = order
        order.replacing = context.current.flatMap { $0.handle.isEmpty ? handle(of: $0.fields) : $0.handle }
        let outcome = await desk.mint(order, context)
        guard case .done(let minted) = outcome else { return outcome }
        guard let text = minted.field("value"), text.count > 0 else { return .doubtful(.emptyValue) }
        var fields = (context.current?.fields ?? []).filter { $0.name != field }
        fields.append(RotationField(name: field, value: text))
        fields.sort { $0.name < $1.name }
        return .done(Candidate(handle: minted.handle, fields: fields))
    }

    func test(_ candidate: Candidate, _ context: RotationContext) async -> RotatorOutcome<Void> {
        guard let text = candidate.field(field) else { return .rejected(.missingField, newCandidate: true) }
        return await desk.verify(text, issuer: order.issuer, context)
    }

    func retire(_ credential: Candidate, _ context: RotationContext) async -> RotatorOutcome<Void> {
        guard !credential.handle.isEmpty else { return .rejected(.missingField, newCandidate: false) }
        return await desk.revoke(handle: credential.handle, issuer: order.issuer, context)
    }

    func list(_ context: RotationContext) async -> RotatorOutcome<[ListedCredential]> {
        await desk.list(issuer: order.issuer, context)
    }
}
