internal import Vault

/// A new key, the only time that it is shown: whoever comes back, or loads the page again, is told that it is gone.
enum IssuedKeyShown {
    private static let template = Template(PackageResources.issued_shown_mustache)

    static func show(_ visit: Visit) throws -> Answer {
        let family = KeyFamily(visit)
        let id = visit.parameter("id")
        let record = try visit.vault.issuedKey(visit.requester, of: family.issuer, id: id)
        let text = visit.session?.takeHeld(of: id)
        var view: View = [
            "title": text == nil ? "This key was shown already" : "Copy the key now", "shown": text != nil,
            "name": record.name, "href": family.key(id), "list": family.list, "access": family.isAccess,
            "roll": family.key(id, verb: "roll"), "predecessor": false, "unlimited": record.isPublicAndUnlimited,
        ]
        if let predecessor = record.predecessor { view["predecessor"] = family.key(predecessor) }
        return .page(template, view, secrets: text.map { [$0] } ?? [])
    }
}
