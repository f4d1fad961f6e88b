internal import VaultAPI

/// Why a command ends without having done what was asked: a sentence, what to do about it, and the exit code.
struct Failure: Error, Equatable {
    var exit: ExitCode
    var sentence: String
    /// Further lines: details, and what the reader can do.
    var hints: [String]

    init(_ exit: ExitCode, _ sentence: String, hints: [String] = []) {
        self.exit = exit
        self.sentence = sentence
        self.hints = hints
    }

    /// Wrong use of the command line, the environment or a file of settings.
    static func usage(_ sentence: String, hint: String? = nil) -> Failure {
        Failure(.usage, sentence, hints: hint.map { [$0] } ?? [])
    }

    /// What stands on standard error.
    var lines: [String] { ["keyturn: \(Inert.line(sentence))"] + hints.map { "  " + Inert.line($0) } }
}
