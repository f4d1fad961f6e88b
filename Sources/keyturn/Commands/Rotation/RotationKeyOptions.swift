internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// What the commands that steer one key's rotation have in common: which key, and what is printed of it afterwards.
struct RotationKeyOptions: ParsableArguments {
    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "Where the key is.")
    var path: String

    /// Does what `verb` says, and prints where the rotation stands then.
    func perform(_ verb: RotationVerb) async throws {
        let path = try KeyText.path(path)
        let key = try await vault.withVault(.application) { try await $0.steer(verb, path) }
        if json.isOn { return try Console.json(key) }
        try Console.out(RotationDetails.line(key))
    }
}
