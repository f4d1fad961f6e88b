internal import ArgumentParser
internal import IssuedKeys
internal import KeyturnClient
internal import VaultAPI

/// `keyturn run`.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Fetch keys into the environment of a program, and become that program.",
        discussion: """
            All values come in one request, from one moment, or none do and the program is not started. While the \
            vault is sealed or no server answers, it waits, up to --wait. The program replaces this process and does \
            not get KEYTURN_ACCESS_KEY.

              keyturn run --env STRIPE_KEY=payments/stripe -- ./shop --port 80
              keyturn run --env AWS_SECRET=cloud/aws#secret --wait 5m -- ./worker

            Exit codes before the program starts are those of keyturn: 3 sealed, 4 refused, 5 not found, 6 no server.
            """)

    @OptionGroup var vault: VaultOptions

    @Option(name: .customLong("env"), help: "NAME=PATH or NAME=PATH#FIELD. May be repeated.")
    var bindings: [String] = []

    @Option(help: "How long to wait for a sealed or absent vault; 0 does not wait.")
    var wait = "60s"

    @Argument(parsing: .postTerminator, help: "The program and its arguments, after `--`.", completion: .default)
    var command: [String] = []

    func run() async throws {
        let state = ProcessState()
        state.denyCoreFiles()
        let bindings = try EnvBinding.parse(self.bindings)
        guard let program = command.first else {
            throw Failure.usage("there is no program", hint: "put it behind `--`: keyturn run --env A=b -- PROGRAM")
        }
        let limit = try Self.milliseconds(wait)
        let path = try ProgramSearch.find(program, path: Surroundings.environment["PATH"])
        var environment = ChildEnvironment(inherited: try InheritedEnvironment.read())
        if !bindings.isEmpty {
            let values = try await vault.withVault(.application) { vault in
                try await Waiting.values(bindings.map(\.reference), from: vault, limit: limit)
            }
            guard values.count == bindings.count else {
                throw Failure(.failed, "the server answered with another number of values")
            }
            for (binding, value) in zip(bindings, values) {
                guard value.path == binding.path, let bytes = value.bytes(of: binding.field) else {
                    throw Failure(.notFound, "the key for \(binding.name) has no such field")
                }
                try environment.set(binding.name, to: bytes)
            }
        }
        throw Becoming.become(path, arguments: command, environment: environment.entries, state: state)
    }

    /// `0` and `0s` are no wait.
    static func milliseconds(_ text: String) throws(Failure) -> Int64 {
        if text == "0" || text == "0s" { return 0 }
        do {
            return try DurationText.milliseconds(text)
        } catch {
            throw .usage("--wait: \(error)")
        }
    }
}
