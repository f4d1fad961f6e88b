internal import ArgumentParser
internal import VaultAPI

/// What the parser of the command line has to say.
enum Usage {
    /// Prints help that was asked for on standard output, and what is wrong with the command line on standard error.
    static func report(_ error: any Error) -> VaultAPI.ExitCode {
        let text = KeyturnCommand.fullMessage(for: error)
        guard KeyturnCommand.exitCode(for: error) != .success else {
            return (try? Console.out(text)) == nil ? .failed : .done
        }
        Console.note(complaint(text))
        return .usage
    }

    /// The parser's message in the form of every other. An argument too many is not repeated, because it may be a
    /// secret that was typed in the wrong place; only the name of a command is.
    static func complaint(_ text: String) -> String {
        let start = "Error: "
        var message = text.hasPrefix(start) ? String(text.dropFirst(start.count)) : text
        let expectsCommand = message.contains("<subcommand>")
        if !expectsCommand, let end = message.firstIndex(of: "\n"), message[..<end].contains("nexpected argument") {
            message = "there is an argument too many" + message[end...]
        }
        return "keyturn: " + message
    }
}
