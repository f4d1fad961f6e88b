internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn versions`.
struct VersionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "versions",
        abstract: "List the versions of a key.",
        discussion: "  keyturn versions payments/stripe --json")

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "Where the key is.")
    var path: String

    func run() async throws {
        let path = try KeyText.path(path)
        let key = try await vault.withVault(.application) { try await $0.metadata(of: path) }
        if json.isOn { return try Console.json(VersionList(path: key.path, versions: key.versions ?? [])) }
        var table = Table("VERSION", "STAGE", "CREATED", "BY", "STARTS WITH", "FIELDS")
        for version in key.versions ?? [] {
            table.add(
                "\(version.version)", version.stage?.rawValue ?? "", version.created.description, version.createdBy,
                version.prefix, version.fields.joined(separator: ", "))
        }
        try table.print(orNote: "no versions")
    }
}
