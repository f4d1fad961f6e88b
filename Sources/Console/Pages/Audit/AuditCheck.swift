internal import VaultAPI
internal import Policy
internal import Vault

/// Verifying the log: it runs beside the pages, which show how far it is.
enum AuditCheck {
    private static let template = Template(PackageResources.audit_verify_mustache)
    /// Seconds after which the page comes anew while a verification runs: each time costs the access key a request, and
    /// takes the keyboard from where it stood.
    private static let seconds = 5

    static func show(_ visit: Visit) throws -> Answer { try page(visit, FieldErrors()) }

    static func begin(_ visit: Visit) throws -> Answer {
        try permit(visit)
        var errors = FieldErrors()
        let form = visit.form
        var known: (sequence: UInt64, hash: String)?
        if form.text("sequence") != nil || form.text("hash") != nil {
            let sequence = UInt64(form["sequence"]) ?? 0
            if sequence == 0 { errors.add("sequence", "The number of an entry, 1 or more") }
            if !isHash(form["hash"]) { errors.add("hash", "The hash of that entry: 64 digits 0-9a-f") }
            known = (sequence, form["hash"])
        }
        guard errors.isEmpty else { return try page(visit, errors, status: 400) }
        visit.console.auditCheck.begin(
            visit.vault, visit.requester, known: known, mayBeginLater: form.isTicked("may_begin_later"))
        return .elsewhere("/console/audit:verify")
    }

    static func stop(_ visit: Visit) throws -> Answer {
        try permit(visit)
        visit.console.auditCheck.stop()
        return .elsewhere("/console/audit:verify")
    }

    private static func isHash(_ text: String) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// What a verification found is told to those alone who may verify.
    private static func permit(_ visit: Visit) throws(ConsoleError) {
        guard visit.may(.audit, .vault) else {
            throw ConsoleError(.refused, "This access key may not read the audit log.")
        }
    }

    private static func page(_ visit: Visit, _ errors: FieldErrors, status: Int = 200) throws -> Answer {
        try permit(visit)
        let state = visit.console.auditCheck.state
        let fields = [
            FormField(
                name: "sequence", label: "Number of an entry that you kept", value: visit.form["sequence"],
                hint: "Optional: a head that was kept elsewhere has to be in the log.", isMono: true),
            FormField(name: "hash", label: "Its hash", value: visit.form["hash"], most: 64, isMono: true),
            FormField(
                name: "may_begin_later", label: "The oldest files may have been moved away", kind: .tick,
                value: visit.form["may_begin_later"]),
        ]
        var view: View = [
            "title": "Verify the audit log", "fields": fields.map { $0.view(errors) },
            "problems": errors.isEmpty ? false : errors.view(fields), "running": false, "report": false,
            "failure": false, "stopped": false,
        ]
        var headers: [(name: String, value: String)] = []
        switch state {
        case .none: break
        case .running(let seen, let all):
            view["running"] =
                [
                    "words": all == 0
                        ? "The first entries are read."
                        : "\(ChartScale.grouped(seen)) of about \(ChartScale.grouped(max(all, seen))) entries.",
                    "value": min(seen, all), "most": max(all, 1),
                ] as View
            headers.append(("Refresh", "\(seconds); url=/console/audit:verify"))
        case .stopped: view["stopped"] = true
        case .failed(let why): view["failure"] = FieldErrors.sentence(why)
        case .done(let report, let time): view["report"] = self.report(report, time)
        }
        return .page(template, view, status: status, headers: headers)
    }

    private static func report(_ report: AuditReport, _ time: Int64) -> View {
        let seconds = Double(max(report.milliseconds, 1)) / 1000
        return [
            "time": Moment.view(time), "good": report.problem == nil, "whole": report.outcome == "whole",
            "entries": ChartScale.grouped(report.entries),
            "files": report.files == 1 ? "1 file" : "\(report.files) files",
            "first": String(report.first), "last": String(report.last), "hash": report.hash,
            "sealed": String(report.sealed), "heads": report.headsFound,
            "took": "\(report.milliseconds) ms", "speed": ChartScale.grouped(UInt64(Double(report.entries) / seconds)),
            "accepted": report.accepted.isEmpty ? false : ["breaks": report.accepted.map(Self.accepted)] as View,
            "problem": report.problem.map { problem -> View in
                [
                    "kind": problem.kind, "sequence": String(problem.sequence), "file": problem.file.shown,
                    "explanation": FieldErrors.sentence(problem.explanation),
                    "through": problem.through.map(String.init).shown,
                ]
            }.shown,
        ]
    }

    private static func accepted(_ accepted: AuditReport.Accepted) -> View {
        [
            "kind": accepted.kind, "sequence": String(accepted.sequence),
            "through": accepted.through.map(String.init).shown, "goes_on": accepted.goesOn.map(String.init).shown,
            "entry": String(accepted.entry), "time": Moment.view(accepted.time), "slot": String(accepted.slot),
            "caller": accepted.caller.shown, "explanation": FieldErrors.sentence(accepted.explanation),
        ]
    }
}
