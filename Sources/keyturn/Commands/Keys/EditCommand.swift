internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn edit`.
struct EditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Change what is known about a key, without a new version.",
        discussion: """
            Tags that are given replace those that are there. --clear takes a piece away.

              keyturn edit payments/stripe --description "live account" --tag billing --tag eu
              keyturn edit payments/stripe --clear expires
            """)

    /// What can be taken away.
    enum Clearable: String, ExpressibleByArgument, CaseIterable {
        case name, description, provider, tags, expires
    }

    @OptionGroup var vault: VaultOptions
    @OptionGroup var metadata: MetadataOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "Where the key is.")
    var path: String

    @Option(help: "Take away name, description, provider, tags or expires. May be repeated.")
    var clear: [Clearable] = []

    func run() async throws {
        let path = try KeyText.path(path)
        let request = try Self.request(metadata, clear: clear, expires: metadata.expiry())
        let key = try await vault.withVault(.application) { try await $0.edit(request, at: path) }
        if json.isOn { return try Console.json(key) }
        try KeyDetails.of(key).print()
    }

    static func request(
        _ metadata: MetadataOptions, clear: [Clearable], expires: Timestamp?
    ) throws(Failure) -> EditKeyRequest {
        let tags = metadata.tags.isEmpty ? nil : metadata.tags
        let request = EditKeyRequest(
            name: try edit(.name, metadata.name, clear),
            description: try edit(.description, metadata.description, clear),
            provider: try edit(.provider, metadata.provider, clear),
            visibility: metadata.visibility.map { .set($0) } ?? .unchanged, tags: try edit(.tags, tags, clear),
            expires: try edit(.expires, expires, clear))
        guard request != EditKeyRequest() else {
            throw .usage("there is nothing to change", hint: "give --name, --description, --tag or another option")
        }
        return request
    }

    private static func edit<Value>(
        _ piece: Clearable, _ value: Value?, _ clear: [Clearable]
    ) throws(Failure) -> Edit<Value> {
        guard clear.contains(piece) else { return value.map { .set($0) } ?? .unchanged }
        guard value == nil else { throw .usage("\(piece.rawValue) is both given and cleared") }
        return .cleared
    }
}
