internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn issued revoke`.
struct IssuedRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Stop accepting an issued key, or all of an owner's, at once and for good.",
        discussion: """
              keyturn issued revoke shop 4fT0bX2kQ9aZ
              keyturn issued revoke shop --owner acme --yes
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "The issuer.")
    var issuer: String

    @Argument(help: "The key's id, which `keyturn issued list` shows.")
    var id: String?

    @Option(help: "All keys of this owner, instead of one.")
    var owner: String?

    @Flag(help: "Do not ask before all of an owner's keys are revoked.")
    var yes = false

    func run() async throws {
        let issuer = try IssuerName.check(issuer)
        switch (id, owner) {
        case (let id?, nil):
            let id = try IssuedKeyIDText.check(id, shownBy: "keyturn issued list")
            let key = try await vault.withVault(.application) { try await $0.changeIssuedKey(id, of: issuer, .revoke) }
            try IssuedKeyChangeOptions.report(key, json)
        case (nil, let owner?):
            try Confirmation.require(yes, "Revoke every key of \(issuer) that belongs to \(owner)?")
            let done = try await vault.withVault(.application) {
                try await $0.revokeIssuedKeys(of: issuer, owner: owner)
            }
            if json.isOn { return try Console.json(done) }
            for id in done.revoked { try Console.out("\(Inert.line(id)) revoked") }
            if done.revoked.isEmpty { Console.note("there was nothing to revoke") }
        default:
            throw Failure.usage("give the id of a key, or --owner for all of an owner's")
        }
    }
}
