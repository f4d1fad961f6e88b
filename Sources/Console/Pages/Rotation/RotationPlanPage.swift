internal import Policy
internal import Rotation
internal import Vault

/// What a rotation of a key would do, and when; without doing it.
enum RotationPlanPage {
    private static let template = Template(PackageResources.rotation_plan_mustache)

    static func show(_ visit: Visit) throws -> Answer {
        let plan = try visit.vault.planRotation(visit.requester, try visit.path())
        return .page(
            template,
            [
                "title": "Plan for \(plan.path)", "path": plan.path.text, "href": Visit.link(plan.path.text),
                "rotator": plan.rotator, "standing": KeyBadges.rotation(plan.standing),
                "begins": plan.begins.map { Moment.view($0) }.shown,
                "relative": plan.begins.map { Moment.relative($0, now: visit.now) }.shown,
                "steps": plan.steps.map { step($0) }, "later": plan.later.map { Moment.view($0) },
                "has_later": !plan.later.isEmpty, "hosts": plan.hosts, "issuers": plan.issuers,
                "reached_keys": plan.keys,
                "reaches": !(plan.hosts.isEmpty && plan.issuers.isEmpty && plan.keys.isEmpty),
                "permitted": plan.isPermitted
                    ? Badge.view("permitted", .good) : Badge.view("not permitted any more", .bad),
                "holding": plan.consumers.filter(\.holdsBack).map { consumer($0) },
                "may_rotate": visit.may(.rotate, .key(plan.path)) && !plan.isPaused
                    ? Visit.link(plan.path.text, verb: "rotate") : false as Any,
            ])
    }

    private static func step(_ step: RotationPlan.Step) -> View {
        let words =
            switch step.name {
            case "propose": "choose the new value"
            case "snapshot": "note what the provider has"
            case "create": "make the new value at the provider"
            case "test": "try the new value; until that has worked the old one stays current"
            case "promote": "make the new version current"
            case "overlap": "honour the old version through the overlap"
            case "retire": "end the old value"
            case "store": "wait until somebody stores the new value"
            default: step.name
            }
        return [
            "name": step.name, "words": words, "call": step.isCall, "time": step.time.map { Moment.view($0) }.shown,
        ]
    }

    private static func consumer(_ consumer: RotationConsumer) -> View {
        [
            "caller": consumer.caller, "name": (consumer.name ?? "").shown, "instance": consumer.instance.shown,
            "version": consumer.version, "seen": Moment.view(consumer.seen),
        ]
    }
}
