package import Rotation

/// The rotator `issuer`: keys of the vault's own issuers.
///
/// Settings: `issuer`; `name`, `description`, `owner`, `tier`, `scopes`, `networks`, `limits` and `lifetime` of the
/// keys that are made, where they are not to be as those of the key in service; `field`, where the text goes.
package struct IssuerRotatorKind: RotatorKind {
    package let name = "issuer"
    private let desk: any IssuerDesk

    private static let words = [
        "issuer", "name", "description", "owner", "tier", "scopes", "networks", "limits", "lifetime", "field",
    ]
    /// Ten years.
    private static let longest: Int64 = 3_650 * 86_400_000

    package init(desk: any IssuerDesk) { self.desk = desk }

    package func rotator(_ settings: [String: String]) throws(RotatorSettingsError) -> any Rotator {
        for name in settings.keys.sorted() where !Self.words.contains(name) {
            throw RotatorSettingsError(name, "no such setting; known: \(Self.words.joined(separator: ", "))")
        }
        guard let issuer = settings["issuer"], Self.isIssuer(issuer) else {
            throw RotatorSettingsError("issuer", "the name of one of the vault's issuers")
        }
        guard issuer != "keyturn" else {
            throw RotatorSettingsError(
                "issuer", "access keys of keyturn are not rotated so; roll them, or let keyturn run do it")
        }
        for name in ["name", "description", "owner", "tier"] {
            guard let text = settings[name] else { continue }
            guard !text.isEmpty, text.utf8.count <= 4_000, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
                throw RotatorSettingsError(name, "text of one line; leave the setting out where there is none")
            }
        }
        let field = settings["field"] ?? "value"
        guard TemplateName.isName(field) else {
            throw RotatorSettingsError("field", "lower-case letters, digits and _, the first of them a letter")
        }
        let order = IssuerOrder(
            issuer: issuer, name: settings["name"], description: settings["description"], owner: settings["owner"],
            tier: settings["tier"], scopes: try Self.list("scopes", settings),
            networks: try Self.list("networks", settings), limits: try Self.list("limits", settings),
            lifetime: try Self.lifetime(settings["lifetime"]))
        return IssuerRotator(order: order, field: field, desk: desk)
    }

    private static func isIssuer(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
                default: "-._".utf8.contains(byte)
                }
            }
    }

    /// Texts with commas between, spaces around them passed over.
    private static func list(
        _ name: String, _ settings: [String: String]
    ) throws(RotatorSettingsError) -> [String]? {
        guard let text = settings[name] else { return nil }
        let items = text.split(separator: ",", omittingEmptySubsequences: false).map { item in
            String(item.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        guard items.count <= 64, items.allSatisfy({ (1...200).contains($0.utf8.count) && !$0.contains(" ") }) else {
            throw RotatorSettingsError(name, "1 to 64 with commas between")
        }
        return items
    }

    private static func lifetime(_ text: String?) throws(RotatorSettingsError) -> IssuerOrder.Lifetime {
        guard let text else { return .issuers }
        if text == "never" { return .never }
        guard let milliseconds = SpanText.milliseconds(text), milliseconds <= longest else {
            throw RotatorSettingsError("lifetime", "never, or how long, such as 90d: at most 3650d")
        }
        return .after(milliseconds)
    }
}
