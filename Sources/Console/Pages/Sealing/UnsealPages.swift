internal import Policy
internal import SecretMemory
internal import Vault
internal import VaultAPI

/// Opening the vault with a passphrase or the recovery code.
enum Unseal {
    private static let template = Template(PackageResources.unseal_mustache)
    private static let opening = Template(PackageResources.unsealing_mustache)
    private static let slots = 0...7

    static func show(_ visit: Visit) -> Answer {
        if let elsewhere = elsewhere(visit) { return elsewhere }
        let status = visit.vault.status()
        guard let percent = status.opening else { return page(visit) }
        return .page(
            opening,
            [
                "title": "The vault is being opened", "percent": percent,
                "slot": status.openingSlot.map { "\($0)" }.shown,
            ],
            headers: [("Refresh", "1; url=/console/unseal")])
    }

    private static func elsewhere(_ visit: Visit) -> Answer? {
        visit.vault.status().state == .sealed ? nil : .elsewhere("/console")
    }

    private static func page(
        _ visit: Visit, _ errors: FieldErrors = FieldErrors(), status: Int = 200, error: VaultError? = nil
    ) -> Answer {
        let passphrase = FormField(
            name: "passphrase", label: "Passphrase or recovery code", kind: .password, isRequired: true,
            completion: "current-password", isFirst: true)
        let slot = FormField(
            name: "slot", label: "Key slot",
            kind: .choice(slots.map { (String($0), $0 == 0 ? "0, the first operator's" : String($0)) }),
            value: visit.form.text("slot") ?? "0",
            hint: "Each operator has a slot of their own, and no other is tried. A recovery code names its own.")
        let damage = FormField(
            name: "accept_damage", label: "Open for reading only, although the store or the audit log is damaged",
            kind: .tick)
        let log = FormField(
            name: "accept_log", label: "Go on with an audit log that is not the one that the store knows", kind: .tick)
        let isDamaged = error?.code == .storeDamaged
        var headers: [(name: String, value: String)] = []
        if let seconds = error?.retryAfter { headers.append(("Retry-After", String(seconds))) }
        let fields = [passphrase, slot] + (isDamaged ? [damage, log] : [])
        return .page(
            template,
            [
                "title": "Unseal the vault", "passphrase": passphrase.view(errors), "slot": slot.view(errors),
                "damage": isDamaged
                    ? ["lines": error?.lines ?? [], "fields": [damage, log].map { $0.view(errors) }]
                    : false
                        as Any,
                "problems": errors.isEmpty ? false : errors.view(fields),
            ], status: status, headers: headers)
    }

    static func open(_ visit: Visit) async throws -> Answer {
        if let elsewhere = elsewhere(visit) { return elsewhere }
        var errors = FieldErrors()
        let passphrase = visit.form.secret("passphrase")
        if passphrase == nil || passphrase?.count == 0 {
            errors.add("passphrase", "Enter a passphrase or the recovery code")
        }
        let slot = visit.form.integer("slot", in: slots)
        if slot == nil, visit.form.text("slot") != nil {
            errors.add("slot", "Choose one of the slots \(slots.lowerBound) to \(slots.upperBound)")
        }
        guard errors.isEmpty, let passphrase else { return page(visit, errors, status: 400) }
        do throws(VaultError) {
            _ = try await visit.vault.unseal(
                visit.requester, passphrase: try passphrase.locked(),
                // Slot 0 is what the vault chooses by itself, unless a recovery code names another.
                slot: slot == 0 ? nil : slot,
                acceptDamage: visit.form.isTicked("accept_damage"), acceptLog: visit.form.isTicked("accept_log"))
            return .elsewhere("/console/sign-in?reason=open")
        } catch {
            switch error.code {
            case .alreadyUnsealed: return .elsewhere("/console")
            case .wrongPassphrase: errors.add("passphrase", error.detail)
            case .slowDown, .overloaded: errors.add("", error.detail)
            case .invalidField: errors.add(error.field ?? "", error.detail)
            case .slotDamaged, .storeDamaged: errors.add("", error.detail)
            default: throw error
            }
            return page(visit, errors, status: Problem(error).code.status, error: error)
        }
    }
}

/// Closing the vault, after a question.
enum Seal {
    private static let template = Template(PackageResources.seal_mustache)

    /// Says what opens the vault again, to those who may know: whoever has lost that does not want to seal.
    static func show(_ visit: Visit) -> Answer {
        let slots = visit.may(.operate, .vault) ? (try? visit.vault.slots(visit.requester)) ?? [] : []
        let list = slots.map { slot -> View in
            [
                "number": slot.number, "kind": slot.kind == "recovery" ? "the recovery code" : "a passphrase",
                "memory": slot.memoryKiB / 1024, "iterations": slot.iterations, "parallelism": slot.parallelism,
            ]
        }
        return .page(template, ["title": "Seal the vault?", "slots": list.isEmpty ? false : ["list": list] as Any])
    }

    static func close(_ visit: Visit) async throws -> Answer {
        try await visit.vault.seal(visit.requester)
        return .elsewhere("/console/unseal")
    }
}
