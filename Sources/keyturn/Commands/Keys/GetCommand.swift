internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn get`.
struct GetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Print the value of a key, alone.",
        discussion: """
            The bytes as they were stored; at a terminal a newline follows. With --json all fields are printed, or \
            the one that is named.

              keyturn get payments/stripe
              keyturn get cloud/aws --field secret --stage previous
              keyturn get tls/shop --field key > key.pem
              keyturn get payments/stripe --instance web-1
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "Where the key is.")
    var path: String

    @Option(help: "The field to print (default: value).")
    var field: String?

    @Option(help: "A version by its number.")
    var version: Int?

    @Option(help: "current or previous.")
    var stage: ServedStage?

    @Option(
        help: """
            Which of several instances of a program asks: a rotation that waits for all who use a key waits for each of \
            them.
            """)
    var instance: String?

    func run() async throws {
        guard version == nil || stage == nil else { throw Failure.usage("give --version or --stage, not both") }
        guard version.map({ $0 > 0 }) ?? true else { throw Failure.usage("versions are numbered from 1") }
        let name = try KeyText.field(field ?? "value")
        let reference = ValueReference(
            path: try KeyText.path(path), field: json.isOn ? field : name, version: version, stage: stage)
        let instance = try InstanceName.typed(instance)
        let reply = try await vault.withVault(.application) { try await $0.value(reference, instance: instance) }
        if json.isOn { return try Console.json(reply) }
        guard let value = reply.bytes(of: name) else {
            throw Failure(.notFound, "the key has no field of that name")
        }
        try ValueOutput.exact(value)
    }
}
