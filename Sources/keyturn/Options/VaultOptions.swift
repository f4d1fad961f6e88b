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
        try open(role, accessKeyFile: nil).vault
    }

    /// A client, which the caller closes, and the file that its access key came from.
    ///
    /// - Parameter accessKeyFile: stands before `KEYTURN_ACCESS_KEY`, and that before `KEYTURN_ACCESS_KEY_FILE`.
    func open(
        _ role: AddressChoice.Role, accessKeyFile: String?
    ) throws -> (vault: KeyturnVault, keyFile: AccessKeyFile?) {
        var environment = Surroundings.environment
        let choice = try AddressChoice.choose(
            role, address: address, data: data, environment: environment, isRoot: Surroundings.isRoot,
            exists: Surroundings.exists)
        environment["KEYTURN_ADDRESS"] = nil
        let named =
            accessKeyFile ?? (environment["KEYTURN_ACCESS_KEY"] == nil ? environment[AccessKeyFile.variable] : nil)
        var keyFile: AccessKeyFile?
        if !choice.presentsAccessKey {
            environment["KEYTURN_ACCESS_KEY"] = nil
        } else if let named {
            guard !named.isEmpty else { throw Failure.usage("\(AccessKeyFile.variable) is set but empty") }
            let file = AccessKeyFile(path: AbsolutePath.from(named))
            environment["KEYTURN_ACCESS_KEY"] = try file.read()
            keyFile = file
        }
        var settings = try KeyturnSettings(environment: environment)
        settings.address = choice.address
        return (try KeyturnVault(settings), keyFile)
    }
}

/// `--json`.
struct JSONOption: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print JSON, for programs.")
    var isOn = false
}
