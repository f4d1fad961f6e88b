internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn edit`.
struct EditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Change what is known about a key, without a new version.",
        discussion: """
            Tags that are given replace those that are there. --clear takes a piece away. Of a rotation only what is \
            named changes; settings of a rotator that are given replace all of them, and another rotator starts \
            without any.

              keyturn edit payments/stripe --description "live account" --tag billing --tag eu
              keyturn edit payments/stripe --clear expires
              keyturn edit payments/stripe --every 30d --overlap 48h
              keyturn edit payments/stripe --clear rotation
            """)

    /// What can be taken away.
    enum Clearable: String, ExpressibleByArgument, CaseIterable {
        case name, description, provider, tags, expires, rotation, every, schedule, overlap, jitter, window
    }

    @OptionGroup var vault: VaultOptions
    @OptionGroup var metadata: MetadataOptions
    @OptionGroup(title: "Rotation options") var rotation: RotationOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "Where the key is.")
    var path: String

    @Option(help: "How long the version before is still honoured after a rotation, such as 24h.")
    var overlap: String?

    @Option(
        help: """
            Take away name, description, provider, tags, expires, rotation, or of a rotation every, schedule, overlap, \
            jitter or window. May be repeated.
            """)
    var clear: [Clearable] = []

    func run() async throws {
        let path = try KeyText.path(path)
        let request = try Self.request(metadata, clear: clear, expires: metadata.expiry())
        let pieces = Set(clear.compactMap { RotationOptions.Clearable(rawValue: $0.rawValue) })
        let changesRotation = rotation.areGiven || overlap != nil || !pieces.isEmpty
        guard request != EditKeyRequest() || changesRotation else {
            throw Failure.usage(
                "there is nothing to change", hint: "give --name, --description, --tag or another option")
        }
        guard !changesRotation || !clear.contains(.rotation) else {
            throw Failure.usage("rotation is both given and cleared")
        }
        // Whatever is wrong with the options is told before a connection is made.
        if changesRotation {
            _ = try rotation.merged(into: RotationRequest(rotator: "any"), overlap: overlap, clear: pieces)
        }
        let key = try await vault.withVault(.application) { vault in
            guard changesRotation else { return try await vault.edit(request, at: path) }
            let (key, tag) = try await vault.taggedMetadata(of: path)
            var request = request
            request.rotation = .set(
                try rotation.merged(into: key.rotation?.request, overlap: overlap, clear: pieces))
            return try await vault.edit(request, at: path, onlyIf: tag)
        }
        if json.isOn { return try Console.json(key) }
        try KeyDetails.of(key).print()
    }

    static func request(
        _ metadata: MetadataOptions, clear: [Clearable], expires: Timestamp?
    ) throws(Failure) -> EditKeyRequest {
        let tags = metadata.tags.isEmpty ? nil : metadata.tags
        return EditKeyRequest(
            name: try edit(.name, metadata.name, clear),
            description: try edit(.description, metadata.description, clear),
            provider: try edit(.provider, metadata.provider, clear),
            visibility: metadata.visibility.map { .set($0) } ?? .unchanged, tags: try edit(.tags, tags, clear),
            expires: try edit(.expires, expires, clear), rotation: clear.contains(.rotation) ? .cleared : .unchanged)
    }

    private static func edit<Value>(
        _ piece: Clearable, _ value: Value?, _ clear: [Clearable]
    ) throws(Failure) -> Edit<Value> {
        guard clear.contains(piece) else { return value.map { .set($0) } ?? .unchanged }
        guard value == nil else { throw .usage("\(piece.rawValue) is both given and cleared") }
        return .cleared
    }
}
