internal import VaultAPI

/// An issued key's record for people.
enum IssuedKeyDetails {
    /// Prints a key with what it has left and what was counted of it, by hour or day.
    static func show(_ report: IssuedKeyReport, by step: UsageStep) throws(Failure) {
        try details(of: report).print()
        let (periods, isAccess) = (
            step == .hour ? report.usage.hours : report.usage.days, report.record.policies != nil
        )
        var table =
            isAccess
            ? Table(step.heading, "READS", "ACTIONS", "REFUSALS") : Table(step.heading, "VERIFICATIONS", "BY CODE")
        for period in periods {
            let counts = period.counts
            if isAccess {
                table.add("\(period.start)", "\(counts.reads)", "\(counts.actions)", UsageText.of(counts.refusals))
            } else {
                let all = counts.verifications
                table.add("\(period.start)", "\(all.values.reduce(0, +))", UsageText.of(all))
            }
        }
        try table.print(orNote: step == .hour ? "not used in the last 24 hours" : "not used in the last 30 days")
    }

    static func details(of report: IssuedKeyReport) -> Details {
        var details = of(report.record, hasAllowance: report.left == nil)
        if let left = report.left { details.add(left.limits, left.quota) }
        details.add("verified", UsageText.of(report.usage.total.verifications))
        return details
    }

    /// - Parameter hasAllowance: whether limits and quota are told as they were given.
    private static func of(_ key: IssuedKeyRecord, hasAllowance: Bool) -> Details {
        var details = Details()
        details.add("id", key.id)
        details.add("issuer", key.policies == nil ? key.issuer : nil)
        details.add("name", key.name)
        details.add("description", key.description)
        details.add("owner", key.owner)
        details.add("state", key.state.rawValue)
        details.add(key.policies == nil ? "scopes" : "policies", key.scopes.joined(separator: ", "))
        details.add("networks", key.networks.joined(separator: ", "))
        details.add("tier", key.tier)
        if hasAllowance {
            details.add("limits", key.limits.joined(separator: ", "))
            details.add("quota", key.quota.map { QuotaText.words($0, key.quotaRefill) })
        }
        for (name, value) in key.metadata.sorted(by: { $0.key < $1.key }) { details.add("meta \(name)", value) }
        details.add("environment", key.policies == nil ? key.environment.rawValue : nil)
        details.add("visibility", key.policies == nil ? key.visibility.rawValue : nil)
        details.add("starts with", key.prefix)
        details.add("created", "\(key.created) by \(key.createdBy)")
        details.add("imported", key.imported?.description)
        details.add("expires", key.expires?.description)
        details.add("revoked", key.revoked?.description)
        details.add("honoured until", key.honouredUntil?.description)
        details.add("successor", key.successor)
        details.add("predecessor", key.predecessor)
        details.add("last used", key.lastUsed.map { "\($0)\(key.lastUsedFrom.map { " from \($0)" } ?? "")" })
        return details
    }

    /// Prints a key that was just made: the key alone on standard output.
    static func show(_ new: NewIssuedKey, json: Bool) throws(Failure) {
        if json { return try Console.json(new) }
        var words = ["id \(new.record.id)"]
        if new.record.policies == nil { words.append(new.record.issuer) }
        if !new.record.scopes.isEmpty { words.append(new.record.scopes.joined(separator: ", ")) }
        if let end = new.record.expires { words.append("until \(end)") }
        Console.note(words.joined(separator: ", ") + "; not shown again")
        if let more = warning(of: new.record) { Console.note(more) }
        try ValueOutput.line(new.key)
    }

    /// What is said of a key that anybody may read and that nothing limits.
    static func warning(of key: IssuedKeyRecord) -> String? {
        guard key.visibility == .public, key.limits.isEmpty, key.quota == nil else { return nil }
        return "it is public and nothing limits it: whoever reads it may use it as often as they like. "
            + "Issue one with --limit, --quota or --tier instead, and revoke this one."
    }

    /// Prints a page for people.
    static func table(_ keys: [IssuedKeyRecord], withIssuer: Bool = false) throws(Failure) {
        var table =
            withIssuer
            ? Table("ISSUER", "ID", "NAME", "OWNER", "STATE", "EXPIRES", "LAST USED")
            : Table("ID", "NAME", "OWNER", "STATE", "SCOPES", "TIER", "EXPIRES", "LAST USED")
        for key in keys {
            let (end, used) = (key.expires?.description ?? "", key.lastUsed?.description ?? "")
            if withIssuer {
                table.add(key.issuer, key.id, key.name, key.owner, key.state.rawValue, end, used)
            } else {
                table.add(
                    key.id, key.name, key.owner, key.state.rawValue, key.scopes.joined(separator: ", "),
                    key.tier ?? "", end, used)
            }
        }
        try table.print(orNote: "no keys")
    }
}

extension Details {
    /// What limits and a quota have left.
    mutating func add(_ limits: [LimitStanding], _ quota: QuotaStanding?) {
        for limit in limits {
            let isWhole = limit.limit.hasPrefix("\(limit.remaining)/")
            add("limit \(limit.limit)", "\(limit.remaining) left\(isWhole ? "" : ", all of it at \(limit.resets)")")
        }
        guard let quota else { return }
        let end = quota.resets.map { ", anew at \($0)" } ?? ""
        add("quota \(QuotaText.words(quota.uses, quota.refill))", "\(quota.remaining) left\(end)")
    }
}

/// Ids of issued keys as they are typed.
enum IssuedKeyIDText {
    /// - Parameter command: where ids are shown.
    /// - Throws: a usage failure that does not repeat the text: people paste whole keys here.
    static func check(_ text: String, shownBy command: String) throws(Failure) -> String {
        let isID =
            text.utf8.count == 12
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"):
                    true
                default: false
                }
            }
        guard isID else { throw .usage("the id of a key is 12 letters and digits, as `\(command)` shows") }
        return text
    }

    /// The id of an access key.
    static func accessKey(_ text: String) throws(Failure) -> String {
        try check(text, shownBy: "keyturn access list")
    }
}
