internal import IssuedKeys
internal import Policy
internal import Rotation
internal import Vault
internal import VaultAPI

extension RotationSettingsInput {
    /// What a request says; what is wrong with it beyond its form is the engine's to find.
    ///
    /// - Throws: ``Refusal`` with `invalid_field`, and the member in `field`.
    init(_ request: RotationRequest) throws(Refusal) {
        let timing: Timing
        switch (request.every, request.schedule) {
        case (let every?, nil): timing = .every(try Self.duration(every, "every"))
        case (nil, let schedule?): timing = .schedule(schedule)
        case (nil, nil): timing = .whenAsked
        default:
            throw Refusal(.invalidField, "a rotation has an interval or a schedule, not both", field: "rotation.every")
        }
        self.init(
            rotator: request.rotator, timing: timing, settings: request.settings ?? [:],
            overlap: try request.overlap.map { (text) throws(Refusal) in try Self.duration(text, "overlap") },
            jitter: try request.jitter.map { (text) throws(Refusal) in try Self.duration(text, "jitter") },
            deadline: try request.deadline.map { (text) throws(Refusal) in try Self.duration(text, "deadline") },
            missed: request.missed == .next ? .next : .now,
            retire: request.retire == .whenAcknowledged ? .whenAcknowledged : .afterOverlap,
            window: request.window.map { RotationWindow(from: $0.from, until: $0.until) },
            paused: request.paused ?? false)
    }

    private static func duration(_ text: String, _ member: String) throws(Refusal) -> Int64 {
        do {
            return try DurationText.milliseconds(text)
        } catch {
            throw Refusal(.invalidField, "\(error)", field: "rotation.\(member)")
        }
    }
}

extension KeyRotation {
    init(_ report: RotationReport) {
        let settings = report.settings
        var every: String?
        var schedule: String?
        switch settings.timing {
        case .every(let interval): every = DurationWords.text(interval)
        case .schedule(let text): schedule = text
        case .whenAsked: break
        }
        self.init(
            rotator: settings.rotator, every: every, schedule: schedule, settings: settings.settings,
            overlap: Self.words(settings.overlap), missed: settings.missed == .next ? .next : .now,
            retire: settings.retire == .whenAcknowledged ? .whenAcknowledged : .afterOverlap,
            deadline: Self.words(settings.deadline), jitter: Self.words(settings.jitter),
            window: settings.window.map { DayWindow(from: $0.from, until: $0.until) }, paused: settings.paused,
            pausedSince: .init(report.pausedSince), author: report.author, state: KeyRotationState(report.standing),
            step: report.step.word, due: .init(report.due), nextAttempt: .init(report.nextAttempt),
            lastRotated: VaultAPI.Timestamp(milliseconds: report.lastRotated), attempts: report.attempts,
            candidates: report.candidates, pending: report.pending.map { Int($0) }, error: report.error?.rawValue,
            errorStep: report.errorStep?.word, errorTime: .init(report.errorTime), orphans: report.orphans,
            aborting: report.isAborting ? true : nil,
            possibleOrphans: report.leftovers.isEmpty ? nil : report.leftovers.map { PossibleOrphan($0) },
            skipped: report.skipped, retireAfter: .init(report.retireAfter),
            retireDeadline: .init(report.retireDeadline), consumers: report.consumers.map { KeyConsumer($0) })
    }

    /// Nothing is nothing, and not `0s`.
    private static func words(_ milliseconds: Int64?) -> String? {
        milliseconds.flatMap { $0 > 0 ? DurationWords.text($0) : nil }
    }
}

extension KeyRotationState {
    init(_ standing: RotationStanding) {
        self =
            switch standing {
            case .scheduled: .scheduled
            case .due: .due
            case .rotating: .rotating
            case .overlapping: .overlapping
            case .failing: .failing
            case .held: .held
            case .overdue: .overdue
            case .paused: .paused
            }
    }

    var standing: RotationStanding {
        switch self {
        case .scheduled: .scheduled
        case .due: .due
        case .rotating: .rotating
        case .overlapping: .overlapping
        case .failing: .failing
        case .held: .held
        case .overdue: .overdue
        case .paused: .paused
        }
    }
}

extension PossibleOrphan {
    init(_ left: CredentialLeft) {
        self.init(
            handle: left.handle, mark: left.mark, step: left.step.word,
            since: VaultAPI.Timestamp(milliseconds: left.time))
    }
}

extension KeyConsumer {
    init(_ consumer: RotationConsumer) {
        self.init(
            caller: consumer.caller, name: consumer.name, instance: consumer.instance, version: Int(consumer.version),
            seen: VaultAPI.Timestamp(milliseconds: consumer.seen), holdsBack: consumer.holdsBack)
    }
}

extension RotationEntry {
    /// Nil for a key that is not rotated.
    init?(_ key: EngineKeyMetadata) {
        guard let report = key.rotation else { return nil }
        self.init(
            path: key.path.text, id: key.id, current: Int(key.current), previous: key.previous.map { Int($0) },
            previousUntil: .init(key.previousUntil), rotation: KeyRotation(report))
    }
}

extension RotationPlanReply {
    init(_ plan: RotationPlan) {
        self.init(
            path: plan.path.text, rotator: plan.rotator, state: KeyRotationState(plan.standing),
            paused: plan.isPaused ? true : nil, begins: .init(plan.begins),
            steps: plan.steps.map {
                RotationPlanStep(
                    step: $0.name, what: Self.what($0.name, plan), outside: $0.isCall, at: .init($0.time))
            }, later: plan.later.map { VaultAPI.Timestamp(milliseconds: $0) }, hosts: plan.hosts,
            issuers: plan.issuers, keys: plan.keys, permitted: plan.isPermitted,
            consumers: plan.consumers.map { KeyConsumer($0) })
    }

    /// A step in a sentence.
    private static func what(_ step: String, _ plan: RotationPlan) -> String {
        switch step {
        case "store": "wait for somebody to store a new value, which completes the rotation"
        case "propose": "choose the new value, and keep it as the pending version"
        case "snapshot": "list what the provider has, so that nothing is left over if an answer is lost"
        case "create": "make the new credential, and keep it as the pending version"
        case "test": "try the new credential; until it works nothing changes for anybody"
        case "promote": "make the new version current"
        case "overlap": "honour the version before beside it"
        case "retire": "end the version before"
        default: step
        }
    }
}
