internal import ArgumentParser
internal import KeyturnClient
internal import SecretMemory
internal import VaultAPI

/// `keyturn issued import`.
struct IssuedImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Bring in keys that customers have already, by their SHA-256.",
        discussion: """
            The file is JSON: a list of objects, each with `sha256` (of the key's text, in hexadecimal) and what \
            `keyturn issue` takes: `name`, `owner`, `scopes`, `tier`, `limits`, `quota`, `networks`, `expires`, \
            `metadata`; and `prefix`, the start of the key that may be shown. All of them are brought in, or none.

              keyturn issued import shop customers.json
            """)

    /// The most bytes of a file.
    private static let limit = 4 << 20

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "The issuer.")
    var issuer: String

    @Argument(help: "The file, or `-` for standard input.", completion: .file())
    var file: String

    func run() async throws {
        let issuer = try IssuerName.check(issuer)
        let request = try Self.read(file)
        let done = try await vault.withVault(.application) { try await $0.importIssuedKeys(request, to: issuer) }
        if json.isOn { return try Console.json(done) }
        for key in done.keys { try Console.out("\(Inert.line(key.id)) \(Inert.line(key.name))") }
    }

    /// A list of keys, or an object with such a list as `keys`.
    static func read(_ file: String) throws(Failure) -> ImportIssuedKeysRequest {
        let bytes = try SecretFile.read(file, named: "FILE", limit: Self.limit).withBytes { span in
            unsafe span.withUnsafeBytes { unsafe [UInt8]($0) }
        }
        let isList = bytes.first { !" \n\r\t".utf8.contains($0) } == UInt8(ascii: "[")
        do {
            return try WireJSON.request(from: isList ? Array(#"{"keys":"#.utf8) + bytes + Array("}".utf8) : bytes)
        } catch {
            throw .usage("FILE: \(error.detail)")
        }
    }
}
