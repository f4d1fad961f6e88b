internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// Which issued key a command is about.
struct IssuedKeyOptions: ParsableArguments {
    @Argument(help: "The issuer.")
    var issuer: String

    @Argument(help: "Its id, which `keyturn issued list` shows.")
    var id: String

    func check() throws(Failure) -> (issuer: String, id: String) {
        (try IssuerName.check(issuer), try IssuedKeyIDText.check(id, shownBy: "keyturn issued list"))
    }
}

/// What the commands that change one issued key have in common: which one, and what is printed of it afterwards.
struct IssuedKeyChangeOptions: ParsableArguments {
    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption
    @OptionGroup var key: IssuedKeyOptions

    /// Makes the change.
    func make(_ change: IssuedKeyChange) async throws {
        let (issuer, id) = try key.check()
        let key = try await vault.withVault(.application) { try await $0.changeIssuedKey(id, of: issuer, change) }
        try Self.report(key, json)
    }

    static func report(_ key: IssuedKeyRecord, _ json: JSONOption) throws(Failure) {
        if json.isOn { return try Console.json(key) }
        try Console.out("\(Inert.line(key.id)) \(key.state.rawValue)")
    }
}

/// The same for access keys, whose issuer need not be said.
struct AccessKeyChangeOptions: ParsableArguments {
    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "Its id, which `keyturn access list` shows.")
    var id: String

    /// Makes the change.
    func make(_ change: IssuedKeyChange) async throws {
        let id = try IssuedKeyIDText.accessKey(id)
        let key = try await vault.withVault(.application) { try await $0.changeIssuedKey(id, change) }
        try IssuedKeyChangeOptions.report(key, json)
    }
}
