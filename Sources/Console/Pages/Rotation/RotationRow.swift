internal import Policy
internal import Rotation
internal import Vault

/// A key in lists of rotations, with what can be done about it.
enum RotationRow {
    static func view(_ key: KeyMetadata, _ visit: Visit) -> View {
        guard let rotation = key.rotation else { return ["path": key.path.text, "href": Visit.link(key.path.text)] }
        let (orphans, honoured) = (rotation.namesOfOrphans, rotation.namesOfHonoured)
        let waiting = rotation.consumers.filter(\.holdsBack).count
        return [
            "path": key.path.text, "href": Visit.link(key.path.text), "rotator": rotation.settings.rotator,
            "interval": KeyDetail.interval(rotation.settings), "standing": KeyBadges.rotation(rotation.standing),
            "due": rotation.due.map { Moment.distance($0, now: visit.now) }.shown,
            "last": Moment.view(rotation.lastRotated), "next": nextAttempt(rotation).shown,
            "error": error(rotation), "orphans": orphans, "has_orphans": !orphans.isEmpty,
            "honoured": honoured, "has_honoured": !honoured.isEmpty,
            "waiting": waiting == 0 ? false : waiting as Any, "plan": Visit.link(key.path.text, verb: "plan"),
            "actions": actions(key, rotation, visit),
        ]
    }

    private static func nextAttempt(_ rotation: RotationReport) -> View? {
        rotation.step == .idle ? nil : rotation.nextAttempt.map { Moment.view($0) }
    }

    /// What went wrong last, and how often; `false` where nothing did.
    static func error(_ rotation: RotationReport) -> Any {
        guard let error = rotation.error else { return false }
        return [
            "fault": RotationWords.fault(error), "step": rotation.errorStep.map(RotationWords.step).shown,
            "attempts": rotation.attempts, "many": rotation.attempts > 1,
            "time": rotation.errorTime.map { Moment.view($0) }.shown,
        ] as View
    }

    private static func actions(_ key: KeyMetadata, _ rotation: RotationReport, _ visit: Visit) -> View {
        let mayRotate = visit.may(.rotate, .key(key.path))
        let isUnderWay = rotation.step != .idle
        let isPaused = rotation.settings.paused
        func link(_ verb: String, when condition: Bool) -> Any {
            condition && mayRotate ? Visit.link(key.path.text, verb: verb) : false
        }
        return [
            "rotate": link("rotate", when: !isUnderWay && !isPaused),
            "resume": link("resume", when: isUnderWay && rotation.step != .overlap || rotation.waitsForSomebody),
            "abort": link("abort", when: isUnderWay && rotation.step != .overlap),
            "rollback": link("rollback", when: key.previous != nil), "pause": link("pause", when: !isPaused),
            "unpause": link("unpause", when: isPaused),
        ]
    }
}

extension RotationReport {
    /// Whether somebody may say that it goes on, or that what is left at the provider was seen to.
    var waitsForSomebody: Bool { step == .held || error != nil || leftovers.contains { $0.step != .overlap } }

    /// What may still live at the provider and is used by nobody.
    var namesOfOrphans: [String] { orphans + leftovers.filter { $0.step != .overlap }.map(\.name) }

    /// What lost its place to a value by hand, and is honoured still.
    var namesOfHonoured: [String] { leftovers.filter { $0.step == .overlap }.map(\.name) }
}

/// The words of rotations, for people.
enum RotationWords {
    static func step(_ step: RotationStep) -> String {
        switch step {
        case .idle: "waiting"
        case .snapshot: "noting what is there"
        case .create: "making the new value"
        case .test: "trying the new value"
        case .discard: "ending a refused value"
        case .reconcile: "looking for a doubtful value"
        case .clean: "ending values that nobody uses"
        case .overlap: "overlap"
        case .retire: "ending the old value"
        case .held: "held for a person"
        case .verify: "checking after a restore"
        }
    }

    static func fault(_ fault: RotationFault) -> String {
        switch fault {
        case .unreachable: "the provider could not be reached"
        case .timedOut: "the provider did not answer in time"
        case .tlsFailed: "the provider's certificate was not accepted"
        case .redirected: "the provider sent the request elsewhere, which is not followed"
        case .hostRefused: "the host may not be reached"
        case .rateLimited: "the provider asks for fewer requests"
        case .serverError: "the provider failed"
        case .unauthorized: "the provider did not accept the credential that rotates"
        case .forbidden: "the credential that rotates may not do this at the provider"
        case .refused: "the provider refused"
        case .limitReached: "the provider has no room for another key"
        case .notFound: "the provider does not know it"
        default: fault.rawValue.replacing("_", with: " ")
        }
    }
}
