internal import ArgumentParser
internal import CSupervision
internal import Glibc
internal import IssuedKeys
internal import KeyturnClient
internal import VaultAPI

/// `keyturn run`.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Fetch keys into the environment or the files of a program, and run it.",
        discussion: """
            All values come in one request, from one moment, or none do and the program is not started. While the \
            vault is sealed or no server answers, it waits, up to --wait. The program does not get KEYTURN_ACCESS_KEY.

              keyturn run --env STRIPE_KEY=payments/stripe -- ./shop --port 80
              keyturn run --env AWS_SECRET=cloud/aws#secret --wait 5m -- ./worker
              keyturn run --prefix shop --restart-on-change --cache /var/lib/shop/keys -- ./shop
              keyturn run --file tls/shop#key=shop.pem --signal-on-change HUP -- ./proxy

            With --file, --restart-on-change or --signal-on-change it stays as the parent of the program, passes \
            signals on, and ends as the program ends; otherwise the program replaces it.

            Exit codes before the program starts are those of keyturn: 3 sealed, 4 refused, 5 not found, 6 no server.
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var options: RunOptions

    @Argument(parsing: .postTerminator, help: "The program and its arguments, after `--`.", completion: .default)
    var command: [String] = []

    func run() async throws {
        let state = ProcessState()
        state.denyCoreFiles()
        let plan = try options.plan()
        guard let program = command.first else {
            throw Failure.usage("there is no program", hint: "put it behind `--`: keyturn run --env A=b -- PROGRAM")
        }
        let response = try options.response(to: plan)
        try KeyFiles.check(plan.files.map(\.target))
        let limit = try options.wait.map { (text) throws(Failure) in try Self.milliseconds(text) }
        let path = try ProgramSearch.find(program, path: Surroundings.environment["PATH"])
        let inherited = try InheritedEnvironment.read()
        let patience = try RunOptions.duration(options.stopTimeout, "--stop-timeout")
        let subject = Supervisor.Program(path: path, arguments: command, state: state, patience: patience)
        let run = Run(
            provision: try await provision(plan), program: subject, inherited: inherited, response: response,
            limit: limit)
        try await run.start()
    }

    private func provision(_ plan: RunPlan) async throws -> Provision {
        let limit = try RunOptions.duration(options.cacheMaxAge, "--cache-max-age")
        let (client, keyFile) = try vault.open(.application, accessKeyFile: options.accessKeyFile)
        var provision = Provision(vault: client, plan: plan, keyFile: keyFile)
        if let file = options.cache {
            do {
                provision.cache = try ValueCache(
                    path: file, limit: limit, address: client.address.description, plan: plan)
            } catch {
                await client.close()
                throw error
            }
        }
        return provision
    }

    /// `0` and `0s` are no wait.
    static func milliseconds(_ text: String) throws(Failure) -> Int64 {
        if text == "0" || text == "0s" { return 0 }
        return try RunOptions.duration(text, "--wait")
    }
}
