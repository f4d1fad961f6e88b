internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn show`.
struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show everything about a key but its value.",
        discussion: "  keyturn show payments/stripe")

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "Where the key is.")
    var path: String

    func run() async throws {
        let path = try KeyText.path(path)
        let key = try await vault.withVault(.application) { try await $0.metadata(of: path) }
        if json.isOn { return try Console.json(key) }
        try KeyDetails.of(key).print()
    }
}

/// A key's metadata for people.
enum KeyDetails {
    static func of(_ key: KeyMetadata) -> Details {
        var details = Details()
        details.add("path", key.path)
        details.add("id", key.id)
        details.add("name", key.name)
        details.add("description", key.description)
        details.add("provider", key.provider)
        details.add("tags", key.tags.joined(separator: ", "))
        details.add("visibility", key.visibility.rawValue)
        details.add("state", key.state.rawValue)
        details.add("starts with", key.prefix)
        details.add("version", "\(key.current) of \(key.versionCount)")
        details.add("previous", previous(key))
        details.add("created", key.created.description)
        details.add("updated", key.updated.description)
        details.add("expires", key.expires?.description)
        details.add("deleted", key.deleted?.description)
        details.add("destroyed after", key.purgeAfter?.description)
        details.add("last used", key.lastUsed.map { "\($0)\(key.lastUsedBy.map { " by \($0)" } ?? "")" })
        if let rotation = key.rotation { RotationDetails.add(rotation, to: &details) }
        return details
    }

    private static func previous(_ key: KeyMetadata) -> String? {
        key.previous.map { "\($0)\(key.previousUntil.map { ", honoured until \($0)" } ?? "")" }
    }
}
