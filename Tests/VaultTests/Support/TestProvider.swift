import Rotation
import SecretMemory
import Synchronization

/// Somebody who issues credentials, counts those that live, and fails as a test says.
final class TestProvider: RotatorKind, Sendable {
    enum Fault: Sendable {
        /// Nothing happens, and the provider says so.
        case refused
        /// Nothing happens, and nobody knows.
        case lostBefore
        /// It happens, and nobody knows.
        case lostAfter
        /// The process ends before, or after, it happens: the call never comes back.
        case killedBefore, killedAfter
        /// The reply says something else than what was made.
        case empty, repeated
        case says(RotationFault, retryAfter: Int64?)
    }

    struct Live: Sendable, Equatable {
        var value: String
        var token: [UInt8]
    }

    private struct State {
        var live: [String: Live] = [:]
        var made = 0
        var calls: [String] = []
        var faults: [Int: Fault] = [:]
        var always: [String: Fault] = [:]
        var isKilled = false
        var watchers: [CheckedContinuation<Void, Never>] = []
        var held: [CheckedContinuation<Void, Never>] = []
        var holds = false
        var underWay = 0
        var mostUnderWay = 0
    }

    let name = "provider"
    private let state = Mutex(State())

    init(first value: String = "first") {
        state.withLock { $0.live["k0"] = Live(value: value, token: []) }
    }

    /// The values that work.
    var live: [String] { state.withLock { $0.live.values.map(\.value).sorted() } }
    /// What was asked, in order.
    var calls: [String] { state.withLock { $0.calls } }
    var mostUnderWay: Int { state.withLock { $0.mostUnderWay } }

    func forget() { state.withLock { $0.calls = [] } }
    func lives(_ value: String) -> Bool { live.contains(value) }

    /// Has the `nth` call from the beginning, counted from 0, end so.
    func fail(_ nth: Int, _ fault: Fault) { state.withLock { $0.faults[nth] = fault } }

    /// Has every call of that name end so; nil: well again.
    func fail(all call: String, _ fault: Fault?) { state.withLock { $0.always[call] = fault } }

    /// Has calls wait until they are let go on.
    func hold() { state.withLock { $0.holds = true } }
    func release() {
        let held = state.withLock { state in
            state.holds = false
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    /// Returns once a call has met the end of its process, or waits.
    func reached() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                let isThere = state.isKilled || !state.held.isEmpty
                if !isThere { state.watchers.append(continuation) }
                return isThere
            }
            if isThere { continuation.resume() }
        }
    }

    var isKilled: Bool {
        get { state.withLock { $0.isKilled } }
        set { state.withLock { $0.isKilled = newValue } }
    }

    func rotator(_ settings: [String: String]) throws(RotatorSettingsError) -> any Rotator {
        for name in settings.keys.sorted() where !["style", "host", "issuer", "credential", "lifetime"].contains(name) {
            throw RotatorSettingsError(name, "no such setting")
        }
        return TestRotator(provider: self, settings: settings)
    }

    // MARK: The provider

    /// Makes a credential as a person does.
    func make(byHand value: String) { _ = make([], value, handle: nil) }

    /// Notes a call; says how it is to end.
    fileprivate func begin(_ call: String) async -> Fault? {
        let (fault, holds) = state.withLock { state -> (Fault?, Bool) in
            defer { state.calls.append(call) }
            state.underWay += 1
            state.mostUnderWay = max(state.mostUnderWay, state.underWay)
            return (state.faults.removeValue(forKey: state.calls.count) ?? state.always[call], state.holds)
        }
        if holds {
            await withCheckedContinuation { continuation in
                let (watchers, isHeld) = state.withLock { state in
                    // It may have been let go on meanwhile.
                    if state.holds { state.held.append(continuation) }
                    defer { state.watchers = [] }
                    return (state.watchers, state.holds)
                }
                for watcher in watchers { watcher.resume() }
                if !isHeld { continuation.resume() }
            }
        }
        if case .killedBefore? = fault { await die() }
        return fault
    }

    fileprivate func end() { state.withLock { $0.underWay -= 1 } }

    /// Never comes back.
    fileprivate func die() async {
        let watchers = state.withLock { state in
            state.isKilled = true
            defer { state.watchers = [] }
            return state.watchers
        }
        for watcher in watchers { watcher.resume() }
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3_600)) }
    }

    fileprivate func make(_ token: [UInt8], _ value: String?, handle: String?) -> (handle: String, value: String) {
        state.withLock { state in
            state.made += 1
            let handle = handle ?? "k\(state.made)"
            let value = value ?? "made-\(state.made)"
            state.live[handle] = Live(value: value, token: token)
            return (handle, value)
        }
    }

    fileprivate func end(_ handle: String) { state.withLock { _ = $0.live.removeValue(forKey: handle) } }
    fileprivate func handle(of value: String) -> String? {
        state.withLock { $0.live.first { $0.value.value == value }?.key }
    }
    fileprivate var all: [String: Live] { state.withLock { $0.live } }
}

/// Replaces credentials at a ``TestProvider``: `style` is `plain`, `marking` (its list tells the attempts apart),
/// `listing`, `slot` (one credential, which is changed in place) or `unnamed` (marking, but no value tells its name).
private struct TestRotator: Rotator {
    let provider: TestProvider
    let settings: [String: String]

    var style: String { settings["style"] ?? "marking" }

    var capabilities: RotatorCapabilities {
        switch style {
        case "plain": RotatorCapabilities()
        case "listing": RotatorCapabilities(canList: true, isExclusive: true)
        case "slot": RotatorCapabilities(choosesValue: true, oneSlotOnly: true)
        default: RotatorCapabilities(canList: true, marksAttempts: true)
        }
    }

    var reach: RotatorReach {
        RotatorReach(
            hosts: settings["host"].map { [$0] } ?? [], issuers: settings["issuer"].map { [$0] } ?? [],
            keys: settings["credential"].map { [$0] } ?? [])
    }

    /// `lifetime` is milliseconds.
    var lifetime: IssuerOrder.Lifetime? {
        guard settings["issuer"] != nil else { return nil }
        return settings["lifetime"].flatMap { Int64($0) }.map { .after($0) } ?? .issuers
    }

    func handle(of fields: [RotationField]) -> String? {
        guard style != "slot", style != "unnamed",
            let value = fields.first(where: { $0.name == "value" })?.value.disclosedText()
        else {
            return nil
        }
        return provider.handle(of: value)
    }

    func propose(_ context: RotationContext) async -> RotatorOutcome<Candidate> {
        guard style == "slot" else { return .rejected(.unsupported, newCandidate: false) }
        let value = "chosen-\(context.tokenText.prefix(8))"
        return .done(Candidate(handle: "", fields: [RotationField(name: "value", value: WipedBytes(utf8: value))]))
    }

    func create(_ context: RotationContext) async -> RotatorOutcome<Candidate> {
        await acting("create", doubtful: { .doubtful($0) }) {
            let proposed = context.proposed?.field("value")?.disclosedText()
            let made = provider.make(context.token, proposed, handle: style == "slot" ? "k0" : nil)
            return .done(candidate(made.handle, made.value))
        } spoiled: { fault in
            switch fault {
            case .empty:
                let made = provider.make(context.token, "hidden", handle: nil)
                return .done(candidate(made.handle, ""))
            default:
                return .done(candidate("k0", context.current?.field("value")?.disclosedText() ?? ""))
            }
        }
    }

    private func candidate(_ handle: String, _ value: String) -> Candidate {
        Candidate(
            handle: style == "slot" ? "" : handle,
            fields: [RotationField(name: "value", value: WipedBytes(utf8: value))])
    }

    func test(_ candidate: Candidate, _ context: RotationContext) async -> RotatorOutcome<Void> {
        await acting("test", doubtful: { .doubtful($0) }) {
            provider.lives(candidate.field("value")?.disclosedText() ?? "")
                ? .done : .rejected(.testFailed, newCandidate: true)
        }
    }

    func retire(_ credential: Candidate, _ context: RotationContext) async -> RotatorOutcome<Void> {
        await acting("retire", doubtful: { .doubtful($0) }) {
            provider.end(credential.handle)
            return .done
        }
    }

    func list(_ context: RotationContext) async -> RotatorOutcome<[ListedCredential]> {
        await acting("list", doubtful: { .doubtful($0) }) {
            .done(
                provider.all.map { handle, live in
                    let origin: ListedCredential.Origin =
                        style != "marking"
                        ? .unknown
                        : live.token == context.token ? .thisAttempt : live.token.isEmpty ? .another : .thisKey
                    return ListedCredential(handle: handle, origin: origin)
                })
        }
    }

    private func acting<Value>(
        _ call: String, doubtful: (RotationFault) -> RotatorOutcome<Value>, _ act: () -> RotatorOutcome<Value>,
        spoiled: ((TestProvider.Fault) -> RotatorOutcome<Value>)? = nil
    ) async -> RotatorOutcome<Value> {
        defer { provider.end() }
        switch await provider.begin(call) {
        case nil: return act()
        case .refused?: return .rejected(.refused, newCandidate: true)
        case .lostBefore?, .killedBefore?: return doubtful(.serverError)
        case .lostAfter?:
            _ = act()
            return doubtful(.timedOut)
        case .killedAfter?:
            _ = act()
            await provider.die()
            return doubtful(.timedOut)
        case .says(let fault, let after)?: return .notDone(fault, retryAfter: after)
        case let fault?: return spoiled?(fault) ?? act()
        }
    }
}
