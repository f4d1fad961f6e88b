internal import ArgumentParser
internal import IssuedKeys
internal import VaultAPI

/// What `keyturn run` is to fetch, and what to do when it changes.
struct RunOptions: ParsableArguments {
    @Option(name: .customLong("env"), help: "NAME=PATH or NAME=PATH#FIELD: a variable. May be repeated.")
    var bindings: [String] = []

    @Option(help: "A file with a line NAME=PATH or NAME=PATH#FIELD each. May be repeated.", completion: .file())
    var envFile: [String] = []

    @Option(help: "Every key beneath this path becomes a variable: shop/api-key is API_KEY beneath shop.")
    var prefix: String?

    @Option(
        name: .customLong("file"),
        help:
            "PATH=TARGET or PATH#FIELD=TARGET: a file in memory that holds the value. TARGET is a name in the folder that KEYTURN_FILES tells the program, or an absolute path. May be repeated."
    )
    var files: [String] = []

    @Flag(help: "When a value changes, end the program (SIGTERM) and start it with the new ones.")
    var restartOnChange = false

    @Option(help: "When a value changes, send the program this signal, such as HUP, once the files are written.")
    var signalOnChange: String?

    @Option(help: "How long the program may take to end before it is killed, when it is restarted.")
    var stopTimeout = "10s"

    @Option(
        help: "How long to wait for a sealed or absent vault; 0 does not wait (default: 60s; 5s with a usable cache).")
    var wait: String?

    @Option(help: "Keep the values, sealed, in this file, and start with them while there is no vault to ask.")
    var cache: String?

    @Option(help: "How old values from the cache may be.")
    var cacheMaxAge = "24h"

    @Option(
        help:
            "A file with the access key, which is replaced when the key is about to end. Else KEYTURN_ACCESS_KEY_FILE.",
        completion: .file())
    var accessKeyFile: String?
}

extension RunOptions {
    /// What happens when a value changes.
    enum Response: Equatable {
        case restart
        case signal(Int32)
        /// The files alone are written anew.
        case rewrite
    }

    /// - Throws: a usage failure where something is not well written, or nothing is asked for: a program that gets no key is
    ///   started without `keyturn run`, and whoever forgot to name its keys finds out here.
    func plan() throws(Failure) -> RunPlan {
        var plan = RunPlan()
        var variables = try bindings.map { (text) throws(Failure) in (try EnvBinding(text), "--env") }
        for path in envFile { variables += try EnvMap.read(path) }
        plan.variables = try EnvBinding.check(variables)
        plan.files = try FileBinding.parse(files)
        if let prefix { plan.prefix = try KeyText.path(prefix.hasSuffix("/") ? String(prefix.dropLast()) : prefix) }
        guard !plan.isEmpty else {
            throw .usage("no key is named for the program", hint: "name it: give --env, --env-file, --prefix or --file")
        }
        return plan
    }

    /// What this process stays for beside the program; nil where it becomes the program.
    ///
    /// - Throws: a usage failure where two answers were given.
    func response(to plan: RunPlan) throws(Failure) -> Response? {
        guard !(restartOnChange && signalOnChange != nil) else {
            throw .usage("give --restart-on-change or --signal-on-change, not both")
        }
        if restartOnChange { return .restart }
        if let signalOnChange { return .signal(try SignalName.number(signalOnChange)) }
        return plan.files.isEmpty ? nil : .rewrite
    }

    static func duration(_ text: String, _ option: String) throws(Failure) -> Int64 {
        do {
            return try DurationText.milliseconds(text)
        } catch {
            throw .usage("\(option): \(error)")
        }
    }
}

/// Signals by their names.
enum SignalName {
    private static let numbers: [String: Int32] = [
        "HUP": 1, "INT": 2, "QUIT": 3, "USR1": 10, "USR2": 12, "TERM": 15, "CONT": 18, "WINCH": 28,
    ]

    /// The number of `HUP`, `SIGHUP` or `1`.
    static func number(_ text: String) throws(Failure) -> Int32 {
        let bare = text.hasPrefix("SIG") ? String(text.dropFirst(3)) : text
        if let number = numbers[bare] { return number }
        if let number = Int32(text), numbers.values.contains(number) { return number }
        throw .usage("--signal-on-change takes one of \(numbers.keys.sorted().joined(separator: ", "))")
    }
}
