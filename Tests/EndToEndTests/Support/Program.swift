import Foundation
import Synchronization

/// The built programs, beside the tests' own, and programs in Python that the tests run.
enum Programs {
    /// Where a program in Python is.
    static func python(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Programs/\(name)").path
    }

    static let folder: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: own).deletingLastPathComponent().path
    }()
    static let keyturn = folder + "/keyturn"
}

/// What a program said and how it ended.
struct Ended {
    var code: Int32
    var bytes: Data
    var errors: String
    var output: String { String(decoding: bytes, as: UTF8.self) }
    /// What it printed, as a JSON object.
    func json() throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: bytes) as? [String: Any] ?? [:]
    }
}

/// Runs a script in a shell that blocks no signals. What a test starts inherits those that its own threads block, and
/// what the script starts would not end when it is asked to.
func runScript(_ file: String, environment: [String: String] = [:], patience: Double = 300) throws -> Ended {
    let shell = """
        import os, signal, sys
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        os.execv("/bin/bash", ["bash", sys.argv[1]])
        """
    return try run("/usr/bin/python3", ["-c", shell, file], environment: environment, patience: patience)
}

/// Runs a program to its end, or until `patience`, in seconds, is at an end.
func run(
    _ program: String, _ arguments: [String], environment: [String: String] = [:], input: Data = Data(),
    patience: Double = 300
) throws -> Ended {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    var surroundings = [
        "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/nonexistent", "LANG": "C.UTF-8",
    ]
    surroundings.merge(environment) { $1 }
    process.environment = surroundings
    let (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe())
    process.standardInput = stdin
    process.standardOutput = stdout
    process.standardError = stderr
    try process.run()
    // A program that hangs is a failure of its test, and not of the run.
    let watchdog = DispatchWorkItem { kill(process.processIdentifier, SIGKILL) }
    DispatchQueue.global().asyncAfter(deadline: .now() + patience, execute: watchdog)
    defer { watchdog.cancel() }
    try? stdin.fileHandleForWriting.write(contentsOf: input)
    try? stdin.fileHandleForWriting.close()
    let errors = Mutex(Data())
    let done = DispatchSemaphore(value: 0)
    let reader = Thread {
        let said = stderr.fileHandleForReading.readDataToEndOfFile()
        errors.withLock { $0 = said }
        done.signal()
    }
    reader.start()
    let output = stdout.fileHandleForReading.readDataToEndOfFile()
    done.wait()
    process.waitUntilExit()
    return Ended(
        code: process.terminationStatus, bytes: output, errors: String(decoding: errors.withLock { $0 }, as: UTF8.self))
}
