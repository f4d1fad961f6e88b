internal import ArgumentParser
internal import VaultAPI

/// `keyturn issuer`.
struct IssuerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issuer",
        abstract: "Manage the families of API keys that Keyturn issues for APIs of your own.",
        discussion: """
            An issuer is what one API's keys have in common: their prefix, the scopes and tiers that they can have, how \
            long they live. `keyturn issue` makes its keys, `keyturn verify` checks them.

              keyturn issuer create shop --scope orders:read --tier "free=10/s,quota=1000/month"
              keyturn issuer list
            """,
        subcommands: [
            IssuerCreateCommand.self, IssuerListCommand.self, IssuerShowCommand.self, IssuerEditCommand.self,
            IssuerDeleteCommand.self,
        ])
}

/// An issuer for people.
enum IssuerDetails {
    static func of(_ issuer: IssuerRecord) -> Details {
        var details = Details()
        details.add("name", issuer.name)
        details.add("prefix", issuer.prefix)
        details.add("description", issuer.description)
        details.add("environment", issuer.environment.rawValue)
        details.add("visibility", issuer.visibility.rawValue)
        details.add("lifetime", issuer.lifetime ?? "keys do not expire unless said")
        details.add("scopes", issuer.scopes.joined(separator: ", "))
        for (name, tier) in issuer.tiers.sorted(by: { $0.key < $1.key }) {
            details.add("tier \(name)", words(tier))
        }
        details.add("keys", "\(issuer.keys)")
        details.add("created", "\(issuer.created) by \(issuer.createdBy)")
        return details
    }

    private static func words(_ tier: TierRecord) -> String {
        var words = tier.limits
        if let quota = tier.quota { words.append("quota \(QuotaText.words(quota, tier.quotaRefill))") }
        let text = words.isEmpty ? "no limit" : words.joined(separator: ", ")
        return tier.description.isEmpty ? text : "\(text): \(tier.description)"
    }
}

/// Names of issuers as they are typed.
enum IssuerName {
    /// - Throws: a usage failure that does not repeat the text.
    static func check(_ text: String) throws(Failure) -> String {
        let isName =
            !text.isEmpty && text.utf8.count <= 64
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        guard isName, text.utf8.first != UInt8(ascii: ".") else {
            throw .usage(
                "the name of an issuer is up to 64 letters, digits, `.`, `_` and `-`, as `keyturn issuer list` shows")
        }
        return text
    }
}
