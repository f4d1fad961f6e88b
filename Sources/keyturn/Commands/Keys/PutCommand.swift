internal import ArgumentParser
internal import KeyturnClient
internal import SecretMemory
internal import VaultAPI

/// `keyturn put`.
struct PutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "put",
        abstract: "Store a key, or a new version of one.",
        discussion: """
            The value is asked for without being shown, or comes from standard input or a file; it is never an \
            argument, where the shell's history and other users would see it. One newline at the end of a file is \
            taken away unless --raw is given. The fields that are given are the whole new version; metadata that is \
            not given stays as it is.

              keyturn put payments/stripe --provider stripe --tag billing
              pass show stripe | keyturn put payments/stripe --overlap 24h
              keyturn put cloud/aws --field id --value-file id \\
                --field secret --value-file secret
              keyturn put internal/webhook --every 90d --rotator generate --overlap 24h

            With --rotator the key is replaced from then on; `keyturn rotation plan PATH` says what will happen.
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var metadata: MetadataOptions
    @OptionGroup(title: "Rotation options") var rotation: RotationOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "Where the key is, such as payments/stripe.")
    var path: String

    @Argument(help: .hidden)
    var surplus: [String] = []

    @Option(name: .customLong("field"), help: "The field that the value belongs to (default: value). May be repeated.")
    var fields: [String] = []

    @Option(
        name: .customLong("value-file"),
        help: "A file with the value, or `-` for standard input. One for each --field.",
        completion: .file())
    var valueFiles: [String] = []

    @Flag(help: "Keep a newline at the end of a file.")
    var raw = false

    @Option(
        help: "How long the version before is still honoured, such as 24h; with --rotator after each rotation too.")
    var overlap: String?

    @Flag(name: .customLong("new"), help: "Refuse where there is a key already.")
    var onlyNew = false

    func run() async throws {
        guard surplus.isEmpty else {
            throw Failure.usage(
                "a value is never an argument: the shell's history and other users would see it",
                hint: "leave it out and you are asked, or give --value-file")
        }
        let path = try KeyText.path(path)
        let sources = try FieldSource.pair(
            fields: fields, files: valueFiles, inputIsTerminal: Console.inputIsTerminal)
        let expires = try metadata.expiry()
        let settings = try rotation.whole(overlap: overlap)
        let values = try sources.map { (source) throws(Failure) in (name: source.name, value: try source.read(raw: raw))
        }
        let encoded = EncodedFields(values)
        let request = PutKeyRequest(
            fields: encoded.fields, encoding: encoded.encoding, name: metadata.name, description: metadata.description,
            provider: metadata.provider, visibility: metadata.visibility,
            tags: metadata.tags.isEmpty ? nil : metadata.tags, expires: expires, overlap: overlap,
            rotation: settings)
        let reply = try await vault.withVault(.application) { try await $0.put(request, at: path, onlyNew: onlyNew) }
        if json.isOn { return try Console.json(reply) }
        try Console.out("\(Inert.line(reply.path)) version \(reply.current)")
    }
}
