internal import VaultAPI

/// Quotas as people write them: a number of uses, or a number in each month: `1000`, `1000/month`.
enum QuotaText {
    /// - Parameter option: for the message.
    static func parse(_ text: some StringProtocol, option: String) throws(Failure) -> (uses: Int, refill: QuotaRefill) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let digits = parts[0]
        let isNumber = digits.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isNumber, let uses = Int(digits), uses > 0, parts.count == 1 || parts.count == 2 && parts[1] == "month"
        else { throw .usage("\(option) takes a number of uses, such as 1000, or 1000/month") }
        return (uses, parts.count == 2 ? .monthly : .never)
    }

    static func words(_ uses: Int, _ refill: QuotaRefill?) -> String {
        refill == .monthly ? "\(uses)/month" : "\(uses)"
    }
}

/// Tiers as people write them: `free=10/s,1000/d,quota=20000/month`.
enum TierText {
    /// - Throws: a usage failure where one cannot be read, or two have one name.
    static func parse(_ texts: [String]) throws(Failure) -> [String: TierSettings] {
        var tiers: [String: TierSettings] = [:]
        for text in texts {
            guard let equals = text.firstIndex(of: "="), equals > text.startIndex else { throw malformed }
            let name = String(text[..<equals])
            guard tiers[name] == nil else { throw .usage("--tier gives one name twice") }
            var tier = TierSettings()
            for piece in text[text.index(after: equals)...].split(separator: ",") {
                let piece = piece.trimmed
                if piece.hasPrefix("quota=") {
                    guard tier.quota == nil else { throw malformed }
                    let quota = try QuotaText.parse(piece.dropFirst(6), option: "quota=")
                    (tier.quota, tier.quotaRefill) = (quota.uses, quota.refill)
                } else {
                    guard piece.contains("/") else { throw malformed }
                    tier.limits = (tier.limits ?? []) + [String(piece)]
                }
            }
            tiers[name] = tier
        }
        return tiers
    }

    private static var malformed: Failure {
        .usage("--tier takes a name and limits, such as free=10/s,1000/d,quota=20000/month")
    }
}

extension Substring {
    /// Without blanks at either end.
    fileprivate var trimmed: Substring {
        var rest = drop { $0 == " " }
        while rest.last == " " { rest.removeLast() }
        return rest
    }
}
