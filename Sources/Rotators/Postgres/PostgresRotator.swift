internal import Outbound
internal import Rotation
internal import SecretMemory

/// One role, whose password changes in place; or two that take turns, so that the old password works on.
///
/// A key has the fields `username` and `value`. The rotator chooses the password, which is stored before it is set.
struct PostgresRotator: Rotator {
    let server: PostgresServer
    let roles: [String]
    /// The key with the fields `username` and `value` of a role that may alter these; nil: the role alters itself.
    let credential: String?
    let milliseconds: Int64
    let random: any RandomSource

    private static let passwordLength = 43

    var capabilities: RotatorCapabilities {
        RotatorCapabilities(
            choosesValue: true, oneSlotOnly: roles.count == 1, patience: 2 * milliseconds + 5_000)
    }

    var reach: RotatorReach {
        let host = server.host.hasPrefix("/") ? "localhost" : server.host
        return RotatorReach(
            hosts: [(host.contains(":") ? "[\(host)]" : host) + ":\(server.port)"], keys: credential.map { [$0] } ?? [])
    }

    func handle(of fields: [RotationField]) -> String? {
        fields.first { $0.name == "username" }?.value.disclosedText()
    }

    /// A new password for the role, or for the one of the two that is not in service.
    func propose(_ context: RotationContext) async -> RotatorOutcome<Candidate> {
        let inService = context.current.flatMap { handle(of: $0.fields) }
        guard let role = roles.count == 1 ? roles.first : roles.first(where: { $0 != inService }) else {
            return .rejected(.invalidSettings, newCandidate: false)
        }
        guard let alphabet = Alphabet("base62") else { return .rejected(.internal, newCandidate: false) }
        let maker = GenerateRotator(
            alphabet: alphabet, length: Self.passwordLength, prefix: "", field: "value", random: random)
        return .done(
            Candidate(
                handle: role,
                fields: [
                    RotationField(name: "username", value: WipedBytes(utf8: role)),
                    RotationField(name: "value", value: maker.value()),
                ]))
    }

    func create(_ context: RotationContext) async -> RotatorOutcome<Candidate> {
        guard let proposed = context.proposed, let role = handle(of: proposed.fields),
            let password = proposed.field("value"), roles.contains(role)
        else { return .rejected(.missingField, newCandidate: false) }
        guard let (user, secret) = administrator(context) else { return .rejected(.missingField, newCandidate: false) }
        let outcome = await work { server, milliseconds throws(PostgresFault) in
            let session = try PostgresSession(server, user: user, password: secret, milliseconds: milliseconds)
            try session.setPassword(of: role, to: password)
        }
        // A role that alters itself is not let in again with the old password once that is done.
        if credential == nil, case .failure(.state(let state, asked: false)) = outcome, Self.isSignInRefused(state),
            case .success = await signIn(role, password)
        {
            return .done(proposed)
        }
        switch outcome {
        case .success: return .done(proposed)
        case .failure(let fault): return Self.outcome(of: fault, hasEffect: true)
        }
    }

    func test(_ candidate: Candidate, _ context: RotationContext) async -> RotatorOutcome<Void> {
        guard let role = handle(of: candidate.fields), let password = candidate.field("value") else {
            return .rejected(.missingField, newCandidate: false)
        }
        switch await signIn(role, password) {
        case .success: return .done
        case .failure(.state(let state, asked: false)) where Self.isSignInRefused(state):
            return .rejected(.testFailed, newCandidate: true)
        case .failure(let fault): return Self.outcome(of: fault, hasEffect: false)
        }
    }

    /// Takes the password of the role that is out of service, so that nobody signs in with it until its next turn.
    func retire(_ credential: Candidate, _ context: RotationContext) async -> RotatorOutcome<Void> {
        let role = credential.handle
        let inService = context.current.flatMap { handle(of: $0.fields) }
        guard roles.count == 2, roles.contains(role), role != inService else {
            return .rejected(.unsupported, newCandidate: false)
        }
        guard let (user, secret) = administrator(context) else { return .rejected(.missingField, newCandidate: false) }
        let outcome = await work { server, milliseconds throws(PostgresFault) in
            let session = try PostgresSession(server, user: user, password: secret, milliseconds: milliseconds)
            try session.setPassword(of: role, to: nil)
        }
        switch outcome {
        case .success: return .done
        case .failure(let fault): return Self.outcome(of: fault, hasEffect: true)
        }
    }

    private func administrator(_ context: RotationContext) -> (user: String, password: WipedBytes)? {
        let fields = credential.map { context.others[$0] ?? [] } ?? context.current?.fields ?? []
        guard let user = handle(of: fields), let password = fields.first(where: { $0.name == "value" })?.value else {
            return nil
        }
        return (user, password)
    }

    private func signIn(_ role: String, _ password: WipedBytes) async -> Result<Void, PostgresFault> {
        await work { server, milliseconds throws(PostgresFault) in
            let session = try PostgresSession(server, user: role, password: password, milliseconds: milliseconds)
            try session.run("SELECT 1")
        }
    }

    private func work(
        _ body: @escaping @Sendable (PostgresServer, Int64) throws(PostgresFault) -> Void
    ) async -> Result<Void, PostgresFault> {
        let (server, milliseconds) = (server, milliseconds)
        let result = await Blocking.run { () -> Result<Void, PostgresFault> in
            do throws(PostgresFault) {
                try body(server, milliseconds)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        return result ?? .failure(.unreachable)
    }

    /// Classes and codes of appendix A of the PostgreSQL documentation.
    static func isSignInRefused(_ state: String) -> Bool { state == "28P01" || state == "28000" }

    static func outcome<Value>(of fault: PostgresFault, hasEffect: Bool) -> RotatorOutcome<Value> {
        switch fault {
        case .unreachable: .notDone(.unreachable, retryAfter: nil)
        case .tlsFailed: .notDone(.tlsFailed, retryAfter: nil)
        case .timedOut(let asked): asked && hasEffect ? .doubtful(.timedOut) : .notDone(.timedOut, retryAfter: nil)
        case .broken: hasEffect ? .doubtful(.interrupted) : .notDone(.interrupted, retryAfter: nil)
        case .state(let state, _):
            switch state {
            case "28P01", "28000": .rejected(.unauthorized, newCandidate: false)
            case "42501": .rejected(.forbidden, newCandidate: false)
            case "42704", "3D000": .rejected(.notFound, newCandidate: false)
            case "57014": .notDone(.timedOut, retryAfter: nil)
            case _ where ["40", "53", "55", "57", "58"].contains(state.prefix(2)):
                .notDone(.serverError, retryAfter: nil)
            case _ where state.hasPrefix("08"):
                hasEffect ? .doubtful(.interrupted) : .notDone(.interrupted, retryAfter: nil)
            default: .rejected(.refused, newCandidate: false)
            }
        }
    }
}
