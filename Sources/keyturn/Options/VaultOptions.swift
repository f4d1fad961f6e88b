internal import ArgumentParser
internal import KeyturnClient

/// Which vault, and as whom: shared by every command that talks to a server.
struct VaultOptions: ParsableArguments {
    @Option(help: "The server: https://…, http://… on this machine, or unix:/path. Else KEYTURN_ADDRESS.")
    var address: String?

    @Option(help: "The data folder, whose socket is then used. Else KEYTURN_DATA.", completion: .directory)
    var data: String?

    /// Lends a client to `body` and closes it.
    func withVault<Result>(
        _ role: AddressChoice.Role, _ body: (KeyturnVault) async throws -> Result
    ) async throws -> Result {
        let vault = try open(role)
        do {
            let result = try await body(vault)
            await vault.close()
            return result
        } catch {
            await vault.close()
            throw error
        }
    }

    private func open(_ role: AddressChoice.Role) throws -> KeyturnVault {
        var environment = Surroundings.environment
        let choice = try AddressChoice.choose(
            role, address: address, data: data, environment: environment, isRoot: Surroundings.isRoot,
            exists: Surroundings.exists)
        environment["KEYTURN_ADDRESS"] = nil
        if !choice.presentsAccessKey { environment["KEYTURN_ACCESS_KEY"] = nil }
        var settings = try KeyturnSettings(environment: environment)
        settings.address = choice.address
        return try KeyturnVault(settings)
    }
}

/// `--json`.
struct JSONOption: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print JSON, for programs.")
    var isOn = false
}
