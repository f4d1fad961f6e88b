internal import ArgumentParser
internal import Glibc
internal import KeyturnClient
internal import SecretMemory
internal import VaultAPI

/// Reads the command line, runs the command, and ends with an exit code of ``ExitCode``.
@main
enum Main {
    static func main() async {
        exit(await run(Array(CommandLine.arguments.dropFirst())).rawValue)
    }

    private static func run(_ arguments: [String]) async -> VaultAPI.ExitCode {
        // `get --version N` names a version of a key, so the parser cannot have this one.
        if arguments == ["--version"] { return (try? Console.out(Release.version)) == nil ? .failed : .done }
        do {
            var command = try KeyturnCommand.parseAsRoot(arguments)
            // A program that `run` becomes must be able to have its own limits.
            if !(command is RunCommand) { _ = ProcessProtection.harden() }
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return .done
        } catch {
            return report(error)
        }
    }

    /// Says on standard error what went wrong.
    private static func report(_ error: any Error) -> VaultAPI.ExitCode {
        switch error {
        case let failure as Failure:
            for line in failure.lines { Console.note(line) }
            return failure.exit
        case let error as KeyturnClientError:
            return report(Failure(error))
        case let quiet as QuietExit:
            return quiet.code
        default:
            return Usage.report(error)
        }
    }
}

/// Ends a command whose output has said everything already.
struct QuietExit: Error {
    var code: VaultAPI.ExitCode
}
