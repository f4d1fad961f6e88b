internal import Policy
internal import Vault

/// "May this caller do that to this key?" Nothing is done, so that the question can stand in an address.
enum PolicyQuestion {
    private static let template = Template(PackageResources.policy_question_mustache)

    private static let kinds = [
        ("access-key", "An access key, by id or name"), ("unix-user", "A Unix user on the local socket"),
        ("policies", "Whoever holds these policies"),
    ]
    private static let targets = [
        ("key", "a key"), ("issuer", "an issuer"), ("policy", "a policy that is granted"),
        ("host", "a host that rotation reaches"), ("vault", "the vault as a whole"),
    ]

    static func show(_ visit: Visit) throws -> Answer {
        let query = visit.query
        guard query.isTicked("caller") else { return page(visit, FieldErrors(), nil) }
        var errors = FieldErrors()
        let caller = caller(query)
        if query["caller"].isEmpty { errors.add("caller", "Name a caller") }
        let action = Action(rawValue: query["action"])
        if action == nil { errors.add("action", "Choose an action") }
        let target = target(query, &errors)
        guard errors.isEmpty, let action, let target else { return page(visit, errors, nil, status: 400) }
        do throws(VaultError) {
            return page(visit, errors, try visit.vault.ask(visit.requester, about: caller, action, target))
        } catch {
            guard error.code == .invalidField else { throw error }
            errors.add(error.field ?? "", error.detail)
            return page(visit, errors, nil, status: 400)
        }
    }

    private static func caller(_ query: FormFields) -> AskedCaller {
        switch query["kind"] {
        case "unix-user": .unixUser(query["caller"])
        case "policies": .policies(FormReader(query).list("caller"))
        default: .accessKey(query["caller"])
        }
    }

    private static func target(_ query: FormFields, _ errors: inout FieldErrors) -> PolicyTarget? {
        let text = query["target"]
        let kind = query["of"]
        if text.isEmpty, kind != "key", kind != "vault", targets.contains(where: { $0.0 == kind }) {
            errors.add("target", "Name it, for the policies to say something of it")
            return nil
        }
        switch kind {
        case "vault": return .vault
        case "issuer": return .issuer(text)
        case "policy": return .policy(text)
        case "host": return .host(text)
        default:
            do throws(ResourcePathError) { return .key(try ResourcePath(parsing: text)) } catch {
                errors.add("target", "\(error)")
                return nil
            }
        }
    }

    private static func page(
        _ visit: Visit, _ errors: FieldErrors, _ answer: PolicyAnswer?, status: Int = 200
    ) -> Answer {
        let query = visit.query
        let fields = [
            FormField(name: "kind", label: "Who", kind: .choice(kinds), value: query["kind"]),
            FormField(
                name: "caller", label: "Their id or name", value: query["caller"], isRequired: true, isFirst: true),
            FormField(
                name: "action", label: "Wants to",
                kind: .choice(Action.allCases.map { ($0.rawValue, $0.rawValue) }),
                value: query.text("action") ?? Action.retrieve.rawValue),
            FormField(name: "of", label: "What", kind: .choice(targets), value: query["of"]),
            FormField(
                name: "target", label: "Its path or name", value: query["target"],
                hint: "Such as payments/stripe; nothing for the vault as a whole.", isMono: true),
        ]
        return .page(
            template,
            [
                "title": "May this caller do that?", "fields": fields.map { $0.view(errors) },
                "problems": errors.isEmpty ? false : errors.view(fields), "answer": answer.map { view($0) }.shown,
            ], status: status)
    }

    private static func view(_ answer: PolicyAnswer) -> View {
        [
            "badge": answer.isAllowed ? Badge.view("allowed", .good) : Badge.view("refused", .bad),
            "caller": answer.caller, "action": answer.action, "target": answer.target,
            "held": answer.policies, "explanation": answer.explanation, "rule": RuleWords.view(answer.rule),
        ]
    }
}

/// A rule with its file and line, and a link to that line.
enum RuleWords {
    static func view(_ rule: DecisionReport.Rule?) -> Any {
        guard let rule else { return false }
        let isInFile = rule.line > 0
        return [
            "effect": rule.effect, "policy": rule.policy, "place": isInFile ? "\(rule.file):\(rule.line)" : rule.file,
            "href": isInFile ? "/console/policies/\(rule.policy)#line-\(rule.line)" : false as Any,
            "reason": rule.reason.shown,
        ] as View
    }
}
