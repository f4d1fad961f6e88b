import Foundation
import Synchronization

/// A program that runs beside the test, and what it says on standard error.
final class RunningProgram: @unchecked Sendable {
    private let process = Process()
    private let errors = Mutex(Data())

    var pid: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }
    var said: String { String(decoding: errors.withLock { $0 }, as: UTF8.self) }

    init(_ program: String, _ arguments: [String], environment: [String: String]) throws {
        // What a test starts inherits the signals that its own threads block, which is all of them.
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-c", Self.blocking("[]"), program] + arguments
        process.environment = ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8"]
            .merging(environment) { $1 }
        let pipe = Pipe()
        process.standardError = pipe
        process.standardOutput = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        pipe.fileHandleForReading.readabilityHandler = { [weak self] handle in
            let more = handle.availableData
            if more.isEmpty { handle.readabilityHandler = nil }
            self?.errors.withLock { $0 += more }
        }
        try process.run()
    }

    /// A program in Python that blocks `signals` and no others, and becomes the one that its arguments name.
    static func blocking(_ signals: String) -> String {
        "import os, signal, sys; signal.pthread_sigmask(signal.SIG_SETMASK, \(signals)); "
            // A shell has what it starts in the background ignore this one.
            + "signal.signal(signal.SIGINT, signal.SIG_DFL); "
            + "os.execv(sys.argv[1], sys.argv[1:])"
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// Sends a signal.
    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// How it ended: an exit code, or minus the number of a signal.
    func end() -> Int32 {
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }
}

extension TestServer {
    /// Starts `keyturn run` as an application does, over TCP with an access key.
    func running(_ arguments: [String], key: String, environment: [String: String] = [:]) throws -> RunningProgram {
        try RunningProgram(
            Programs.keyturn, ["run"] + arguments,
            environment: ["KEYTURN_ADDRESS": "http://127.0.0.1:\(port)", "KEYTURN_ACCESS_KEY": key]
                .merging(environment) { $1 })
    }

    /// A new access key with one policy.
    func newKey(_ policy: String, _ arguments: [String] = []) throws -> String {
        let made = try keyturn(["access", "create", "application", "--policy", policy, "--json"] + arguments)
        guard let key = try made.json()["key"] as? String else { throw TestFailure(made.errors) }
        return key
    }
}
