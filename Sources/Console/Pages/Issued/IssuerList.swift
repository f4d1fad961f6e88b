internal import Policy
internal import Vault

/// All issuers that the caller may know of.
enum IssuerList {
    private static let template = Template(PackageResources.issuer_list_mustache)

    static func show(_ visit: Visit) throws -> Answer {
        let page = try visit.vault.issuers(
            visit.requester, limit: 200, cursor: visit.query.text("cursor"))
        let own = page.items.filter { !$0.isBuiltIn }
        return .page(
            template,
            [
                "title": "Issued keys", "issuers": own.map { row($0) }, "empty": own.isEmpty,
                "may_create": visit.may(.administer, .vault),
                "unknown": FilterWords(filters: []).unknown(in: visit.query),
                "next": page.cursor.map { "/console/issuers" + FormEncoding.query([("cursor", $0)]) }.shown,
            ])
    }

    private static func row(_ issuer: IssuerRecord) -> View {
        [
            "name": issuer.name, "href": KeyFamily(issuer: issuer.name).list, "prefix": issuer.prefix + "_",
            "description": KeyList.cut(issuer.description, 140).shown, "keys": ChartScale.grouped(UInt64(issuer.keys)),
            "scopes": issuer.scopes.count, "tiers": issuer.tiers.map(\.name).joined(separator: ", ").shown,
            "test": issuer.environment == .test ? Badge.view("test", .accent) : false as Any,
            "public": issuer.visibility == .public ? Badge.view("public", .warning) : false as Any,
            "created": Moment.view(issuer.created),
        ]
    }
}
