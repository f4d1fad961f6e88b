internal import IssuedKeys
internal import Vault

/// Tiers and quotas as people write them: `free=10/s,1000/d,quota=20000/month`.
enum TierWords {
    static let rule = "A tier is a name and limits, such as free=10/s,1000/d,quota=20000/month"
    static let quotaRule = "A quota is a number of uses, such as 1000, or 1000/month"

    /// Nil where the line is none.
    static func tier(_ line: String) -> IssuerTier? {
        guard let equals = line.firstIndex(of: "="), equals > line.startIndex else { return nil }
        var tier = IssuerTier(name: trimmed(line[..<equals]))
        for piece in line[line.index(after: equals)...].split(separator: ",") {
            let text = trimmed(piece)
            if text.hasPrefix("quota=") {
                guard tier.quota == nil, let quota = quota(String(text.dropFirst(6))) else { return nil }
                tier.quota = quota
            } else {
                guard text.contains("/") else { return nil }
                tier.limits.append(text)
            }
        }
        return tier
    }

    /// The tiers that were written, with what the issuer says of those that it had: a line has no place for it.
    static func described(_ tiers: [IssuerTier], as before: [IssuerTier]) -> [IssuerTier] {
        tiers.map { tier in
            let known = before.first { $0.name == tier.name }
            return IssuerTier(
                name: tier.name, description: known?.description ?? "", limits: tier.limits, quota: tier.quota)
        }
    }

    static func line(_ tier: IssuerTier) -> String {
        tier.name + "=" + (tier.limits + (tier.quota.map { ["quota=" + words($0)] } ?? [])).joined(separator: ",")
    }

    static func quota(_ text: String) -> Quota? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let digits = parts.first, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let uses = Int64(digits), uses > 0, parts.count == 1 || parts.count == 2 && parts[1] == "month"
        else { return nil }
        return Quota(uses: uses, refill: parts.count == 2 ? .monthly : .never)
    }

    static func words(_ quota: Quota) -> String { quota.refill == .monthly ? "\(quota.uses)/month" : "\(quota.uses)" }

    private static func trimmed(_ text: Substring) -> String {
        var rest = text.drop { $0 == " " }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }
}
