internal import ArgumentParser
internal import KeyturnClient

/// `keyturn access show`.
struct AccessShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show everything about an access key but its secret.",
        discussion: "  keyturn access show 4fT0bX2kQ9aZ")

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "Its id, which `keyturn access list` shows.")
    var id: String

    func run() async throws {
        let id = try AccessKeyID.check(id)
        let key = try await vault.withVault(.application) { try await $0.accessKey(id) }
        if json.isOn { return try Console.json(key) }
        try AccessKeyDetails.of(key).print()
    }
}

/// Ids of access keys as they are typed.
enum AccessKeyID {
    /// - Throws: a usage failure that does not repeat the text: people paste whole keys here.
    static func check(_ text: String) throws(Failure) -> String {
        let isID =
            text.utf8.count == 12
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"):
                    true
                default: false
                }
            }
        guard isID else {
            throw .usage("the id of an access key is 12 letters and digits, as `keyturn access list` shows")
        }
        return text
    }
}
