internal import IssuedKeys
internal import SecretMemory
internal import Vault
internal import VaultAPI

/// Reads what people write into the fields of a form, and keeps what is wrong with it.
struct FormReader {
    let form: FormFields
    private(set) var errors = FieldErrors()

    init(_ form: FormFields) { self.form = form }

    /// `90d`, in milliseconds; nil where nothing is said.
    mutating func duration(_ name: String) -> Int64? {
        guard let text = form.text(name) else { return nil }
        do throws(DurationTextError) { return try DurationText.milliseconds(text) } catch {
            errors.add(name, "\(error)")
            return nil
        }
    }

    /// When a key is to end: `90d`, `2027-01-31`, a moment of RFC 3339, `never`; nil where nothing is said.
    mutating func end(_ name: String, now: Int64) -> IssuedKeyEnd? {
        guard let text = form.text(name) else { return nil }
        if text.lowercased() == "never" { return .never }
        if let day = ChartDay(iso: text) { return .at(day.start + ChartDay.length) }
        if let moment = VaultAPI.Timestamp(parsing: text) { return .at(moment.milliseconds) }
        if let length = try? DurationText.milliseconds(text) {
            do throws(LifetimeError) { return .at(try Lifetime.end(from: now, lasting: length)) } catch {
                errors.add(name, "\(error)")
                return nil
            }
        }
        errors.add(name, "Write a length such as 90d, a day such as 2027-01-31, or never")
        return nil
    }

    /// A moment to search from or to: a day, a moment of RFC 3339, or so long ago; nil where nothing is said.
    mutating func moment(_ name: String, now: Int64, isEnd: Bool = false) -> Int64? {
        guard let text = form.text(name) else { return nil }
        if let day = ChartDay(iso: text) { return isEnd ? day.start + ChartDay.length : day.start }
        if let moment = VaultAPI.Timestamp(parsing: text) { return moment.milliseconds }
        if let length = try? DurationText.milliseconds(text) { return max(0, now - length) }
        errors.add(name, "Write a day such as 2026-11-21, a time such as 2026-11-21T12:00:00Z, or how long ago: 7d")
        return nil
    }

    /// Words on lines of their own, or with commas or spaces between them.
    func list(_ name: String) -> [String] {
        form[name].split { $0 == "\n" || $0 == "," || $0 == " " || $0 == "\t" }.map(String.init)
    }

    /// All boxes that were ticked under a name.
    func ticked(_ name: String) -> [String] { form.secrets(name).compactMap { $0.disclosedText() } }

    mutating func tiers(_ name: String) -> [IssuerTier] {
        var tiers: [IssuerTier] = []
        for line in form[name].split(separator: "\n") where !line.allSatisfy({ $0 == " " }) {
            guard let tier = TierWords.tier(String(line)) else {
                errors.add(name, TierWords.rule)
                break
            }
            tiers.append(tier)
        }
        return tiers
    }

    mutating func quota(_ name: String) -> Quota? {
        guard let text = form.text(name) else { return nil }
        guard let quota = TierWords.quota(text) else {
            errors.add(name, TierWords.quotaRule)
            return nil
        }
        return quota
    }

    /// `name=value` on each line.
    mutating func pairs(_ name: String) -> [String: String] {
        var pairs: [String: String] = [:]
        for line in form[name].split(separator: "\n") where !line.allSatisfy({ $0 == " " }) {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, pairs[String(parts[0])] == nil else {
                errors.add(name, "Write name=value on each line, each name once")
                break
            }
            pairs[String(parts[0])] = String(parts[1])
        }
        return pairs
    }

    /// What the vault found wrong with what was written.
    ///
    /// - Parameter fields: the fields of the form, where the vault's own names are others.
    /// - Throws: `error` where no correction of the form would help.
    func errors(with error: VaultError, fields: [String: String] = [:]) throws(VaultError) -> FieldErrors {
        switch error.code {
        case .invalidField, .alreadyExists, .conflict, .malformed, .invalidPath: break
        default: throw error
        }
        var errors = errors
        let field = error.field ?? ""
        errors.add(fields[field] ?? field, error.detail)
        return errors
    }
}

extension VaultError {
    /// The status of the page that tells of it.
    var status: Int { Problem(self).code.status }
}
