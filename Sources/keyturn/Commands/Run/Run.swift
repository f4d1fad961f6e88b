internal import CSupervision
internal import Glibc
internal import KeyturnClient
internal import SecretMemory
internal import VaultAPI

/// One run of a program with its keys.
struct Run: Sendable {
    let provision: Provision
    let program: Supervisor.Program
    /// What this process was started with.
    let inherited: [[UInt8]]
    /// nil: this process becomes the program.
    let response: RunOptions.Response?
    /// How long to wait for the vault, in milliseconds.
    let limit: Int64?

    /// Does not return where the program was started.
    func start() async throws {
        let values: RunValues
        do {
            values = try await provision.first(limit: limit)
        } catch {
            await provision.vault.close()
            throw error
        }
        guard let response else {
            await provision.vault.close()
            let environment = try environment(values, files: nil)
            throw Becoming.become(
                program.path, arguments: program.arguments, environment: environment.entries, state: program.state)
        }
        do {
            try await supervise(values, response)
        } catch {
            await provision.vault.close()
            throw error
        }
    }

    private func supervise(_ values: RunValues, _ response: RunOptions.Response) async throws {
        let plan = provision.plan
        let files = try KeyFiles(plan.files.map(\.target), environment: Surroundings.environment)
        let ending: Supervision.Ending
        do {
            try write(values, to: files)
            let supervisor = Supervisor(program, environment: try environment(values, files: files))
            let loop = ChangeLoop(provision: provision) { (values) throws(Failure) in
                let environment = try self.environment(values, files: files)
                try self.write(values, to: files)
                switch response {
                case .restart: supervisor.restart(with: environment)
                case .signal(let number): supervisor.notify(number, environment)
                case .rewrite: break
                }
            }
            let following = Task { await loop.run(from: values) }
            defer { following.cancel() }
            ending = try await supervisor.run()
        } catch {
            files.removeAll()
            throw error
        }
        files.removeAll()
        Self.end(as: ending)
    }

    private func environment(_ values: RunValues, files: KeyFiles?) throws(Failure) -> ChildEnvironment {
        var environment = ChildEnvironment(inherited: inherited)
        for (name, value) in try provision.plan.environment(from: values) { try environment.set(name, to: value) }
        if let folder = files?.folder { try environment.set(KeyFiles.variable, to: .init(utf8: folder)) }
        return environment
    }

    private func write(_ values: RunValues, to files: KeyFiles) throws(Failure) {
        for (target, bytes) in try provision.plan.contents(from: values) { try files.write(bytes, to: target) }
    }

    /// Ends this process as the program has ended.
    private static func end(as ending: Supervision.Ending) -> Never {
        switch ending {
        case .code(let code): exit(code)
        case .signal(let number):
            keyturn_end_by(number)
            // Where the signal does not end it, as for the first process of a container.
            exit(128 + number)
        }
    }
}
