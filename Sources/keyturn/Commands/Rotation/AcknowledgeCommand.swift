internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn acknowledge`.
struct AcknowledgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "acknowledge",
        abstract: "Say that the current version of a key is in use here.",
        discussion: """
            The version before is then not kept for this caller any longer. Fetching the current version says the same; \
            this is for a program that fetches long before it uses. Each instance of a program that runs several times \
            speaks for itself: name it here and in `keyturn get`.

              keyturn acknowledge payments/stripe
              keyturn acknowledge payments/stripe --version 4 --instance web-1
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "Where the key is.")
    var path: String

    @Option(help: "The version that is in use (default: the current one).")
    var version: Int?

    @Option(help: "Which instance uses it: up to 64 letters, digits, `.`, `_` and `-`.")
    var instance: String?

    func run() async throws {
        let path = try KeyText.path(path)
        guard version.map({ $0 > 0 }) ?? true else { throw Failure.usage("versions are numbered from 1") }
        let request = AcknowledgeRequest(version: version, instance: try InstanceName.typed(instance))
        let reply = try await vault.withVault(.application) { try await $0.acknowledge(path, request) }
        if json.isOn { return try Console.json(reply) }
        try Console.out("\(Inert.line(reply.path)) version \(reply.version) acknowledged")
    }
}

extension InstanceName {
    /// A name as it is typed.
    ///
    /// - Throws: a usage failure that does not repeat the text.
    static func typed(_ text: String?) throws(Failure) -> String? {
        guard let text else { return nil }
        guard isValid(text) else { throw .usage("--instance takes \(expectation)") }
        return text
    }
}
