internal import Rotation

/// A provider of one key: what it can do, which credentials work there, and what goes wrong.
struct SimulatedProvider {
    enum Kind: CaseIterable {
        case local, marking, exclusive, listing, blind, idempotent, oneSlot, twoRoles, manual
    }

    struct Credential: Equatable {
        var value: Int
        /// The token of the attempt that made it; nil where a person did.
        var token: [UInt8]?
        var created: Int64
        /// It is there, but does not work and never will.
        var isBroken = false
    }

    /// A creation that the provider has taken on, and has not done yet.
    private struct Late {
        var at: Int64
        var token: [UInt8]
        var value: Int
    }

    let kind: Kind
    /// Which credentials are there, by handle. One slot has the handle "slot".
    var live: [String: Credential] = [:]
    var outageUntil: Int64 = 0
    /// From then on its list is of no use, and never will be.
    var listEnds: Int64 = .max
    /// Percentage of calls that go wrong.
    var faults: Int64
    private var lastHandle = 0
    private var byToken: [[UInt8]: (handle: String, value: Int)] = [:]
    private var late: [Late] = []
    /// Percentage of new credentials that never work.
    private let broken: Int64

    init(_ kind: Kind, faults: Int64) {
        self.kind = kind
        self.faults = faults
        broken = faults > 0 ? 10 : 0
    }

    /// Does what was put off until now.
    mutating func advance(to now: Int64) {
        for one in late where one.at <= now { _ = make(one.token, nil, one.value, one.at, isBroken: false) }
        late.removeAll { $0.at <= now }
    }

    var capabilities: RotatorCapabilities {
        switch kind {
        case .local: RotatorCapabilities(choosesValue: true, isLocal: true)
        case .marking: RotatorCapabilities(canList: true, marksAttempts: true)
        case .exclusive: RotatorCapabilities(canList: true, isExclusive: true)
        case .listing: RotatorCapabilities(canList: true)
        case .blind: RotatorCapabilities()
        case .idempotent: RotatorCapabilities(isIdempotent: true)
        case .oneSlot: RotatorCapabilities(choosesValue: true, oneSlotOnly: true)
        case .twoRoles: RotatorCapabilities(choosesValue: true)
        case .manual: RotatorCapabilities(needsManualStep: true)
        }
    }

    /// How a call ends, whatever it was to do.
    private enum Fate { case fine, effectLost, notReached, refused, slowDown, spoilt }

    private mutating func fate(_ now: Int64, _ chance: inout Chance) -> Fate {
        if now < outageUntil { return chance.happens(50) ? .notReached : .slowDown }
        guard chance.happens(faults) else { return .fine }
        return chance.pick([.effectLost, .notReached, .refused, .slowDown, .spoilt])
    }

    /// A credential that a person makes.
    mutating func makeByHand(_ value: Int, at now: Int64) -> String {
        let handle = kind == .oneSlot ? "slot" : kind == .twoRoles ? "a" : newHandle()
        live[handle] = Credential(value: value, token: nil, created: now)
        return handle
    }

    private mutating func newHandle() -> String {
        lastHandle += 1
        return "h\(lastHandle)"
    }

    /// What `create` makes; where it chose before, the proposal.
    mutating func create(
        token: [UInt8], proposed: (handle: String, value: Int)?, current: Int?, fresh: Int, at now: Int64,
        _ chance: inout Chance
    ) -> (outcome: RotatorOutcome<RotationEvent.Made>, value: Int) {
        switch fate(now, &chance) {
        case .refused: return (.rejected(.refused, newCandidate: chance.happens(50)), 0)
        case .slowDown: return (.notDone(.rateLimited, retryAfter: chance.happens(50) ? chance.below(hour) : nil), 0)
        case .notReached: return (.doubtful(.timedOut), 0)
        case .effectLost:
            if proposed == nil, kind != .blind, chance.happens(50) {
                late.append(Late(at: now + chance.below(50 * second), token: token, value: fresh))
            } else {
                _ = make(token, proposed, fresh, now, isBroken: chance.happens(broken))
            }
            return (.doubtful(.serverError), 0)
        case .spoilt where proposed != nil: return (.doubtful(.badReply), 0)
        case .spoilt:
            if chance.happens(50) {
                return (.done(.init(handle: chance.happens(50) ? "" : "again", usability: .repeated)), current ?? 0)
            }
            let made = make(token, proposed, fresh, now, isBroken: chance.happens(broken))
            return (.done(.init(handle: chance.happens(70) ? made.handle : "", usability: .unusable(.emptyValue))), 0)
        case .fine:
            let made = make(token, proposed, fresh, now, isBroken: chance.happens(broken))
            return (.done(.init(handle: made.handle)), made.value)
        }
    }

    private mutating func make(
        _ token: [UInt8], _ proposed: (handle: String, value: Int)?, _ fresh: Int, _ now: Int64, isBroken: Bool
    ) -> (handle: String, value: Int) {
        if let proposed {
            // The one before it in the same place ends with this.
            let isBroken = isBroken && kind == .twoRoles
            live[proposed.handle] = Credential(value: proposed.value, token: token, created: now, isBroken: isBroken)
            return proposed
        }
        if kind == .idempotent, let made = byToken[token] { return made }
        let made = (newHandle(), fresh)
        byToken[token] = made
        live[made.0] = Credential(value: fresh, token: token, created: now, isBroken: isBroken)
        return made
    }

    /// Whether a credential with this value works.
    func works(_ value: Int) -> Bool { live.values.contains { $0.value == value && !$0.isBroken } }

    /// The name of a credential with this value that works.
    func handle(of value: Int) -> String? {
        live.filter { $0.value.value == value && !$0.value.isBroken }.keys.min()
    }

    /// Whether one with this value is there, working or not.
    func holds(_ value: Int) -> Bool { live.values.contains { $0.value == value } }

    mutating func test(_ value: Int, at now: Int64, _ chance: inout Chance) -> RotatorOutcome<Void> {
        switch fate(now, &chance) {
        case .notReached, .effectLost: return .doubtful(.serverError)
        case .slowDown: return .notDone(.rateLimited, retryAfter: 5 * second)
        // A candidate that is no good.
        case .refused where kind != .oneSlot: return .rejected(.testFailed, newCandidate: true)
        default: return works(value) ? .done : .rejected(.testFailed, newCandidate: true)
        }
    }

    /// Whether a credential in service works: of that there are no false reports.
    func verify(_ value: Int, at now: Int64, _ chance: inout Chance) -> RotatorOutcome<Void> {
        if now < outageUntil { return .doubtful(.serverError) }
        return works(value) ? .done : .rejected(.testFailed, newCandidate: true)
    }

    mutating func retire(_ handle: String, value: Int?, at now: Int64, _ chance: inout Chance) -> RotatorOutcome<Void> {
        switch fate(now, &chance) {
        case .notReached: return .doubtful(.timedOut)
        case .slowDown: return .notDone(.rateLimited, retryAfter: nil)
        case .refused: return .rejected(.forbidden, newCandidate: false)
        case .effectLost:
            end(handle, value)
            return .doubtful(.timedOut)
        case .fine, .spoilt:
            end(handle, value)
            return .done
        }
    }

    private mutating func end(_ handle: String, _ value: Int?) {
        if !handle.isEmpty {
            if kind != .twoRoles || value == nil || live[handle]?.value == value { live[handle] = nil }
        } else if let found = live.first(where: { $0.value.value == value }) {
            live[found.key] = nil
        }
    }

    mutating func list(
        token: [UInt8], at now: Int64, _ chance: inout Chance
    ) -> RotatorOutcome<[ListedCredential]> {
        if now >= listEnds { return endedList }
        switch fate(now, &chance) {
        case .notReached, .effectLost, .spoilt: return .doubtful(.serverError)
        case .slowDown: return .notDone(.rateLimited, retryAfter: nil)
        case .refused: return .rejected(.forbidden, newCandidate: false)
        case .fine: break
        }
        return .done(
            live.map { handle, credential in
                let origin: ListedCredential.Origin =
                    kind != .marking
                    ? .unknown
                    : credential.token == token ? .thisAttempt : credential.token == nil ? .another : .thisKey
                return ListedCredential(handle: handle, created: credential.created, origin: origin)
            }.sorted { $0.handle < $1.handle })
    }

    /// One item that cannot be read, a permission that was taken away, or a server that is no more: the same each time.
    private var endedList: RotatorOutcome<[ListedCredential]> {
        switch listEnds % 3 {
        case 0: .notDone(.badReply, retryAfter: nil)
        case 1: .rejected(.unauthorized, newCandidate: false)
        default: .doubtful(.serverError)
        }
    }
}
