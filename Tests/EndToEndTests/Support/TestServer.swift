import Foundation
import Glibc
import Synchronization
import Testing

/// A `keyturn server` with a data folder of its own, and the command line that speaks to it.
///
/// A test starts and ends it from one thread; what other threads do is send requests.
class TestServer: @unchecked Sendable {
    static let passphrase = "correct horse battery staple e2e"

    let folder: TemporaryFolder
    let port: Int
    var data: String { folder.path + "/data" }
    var audit: String { folder.path + "/audit" }
    var policies: String { folder.path + "/policies" }
    var socket: String { folder.path + "/apps.sock" }
    private(set) var passphraseFile = ""
    private(set) var accessKey = ""
    private(set) var recoveryCode = ""
    private var process: Process?
    private let errors = Mutex(Data())

    /// - Parameter policies: texts by file name.
    required init(policies texts: [String: String] = [:]) throws {
        folder = try TemporaryFolder()
        port = try freePort()
        passphraseFile = try folder.write(Self.passphrase + "\n", to: "passphrase")
        try FileManager.default.createDirectory(
            atPath: folder.path + "/policies", withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o755])
        for (name, text) in texts { try write(policy: name, text) }
    }

    deinit { kill() }

    func write(policy name: String, _ text: String) throws {
        try folder.write(text, to: "policies/" + name, mode: 0o644)
    }

    var pid: Int32 { process?.processIdentifier ?? 0 }
    /// What the server has said on standard error.
    var said: String { String(decoding: errors.withLock { $0 }, as: UTF8.self) }

    // MARK: The process

    /// The arguments with which the server is started.
    var arguments: [String] {
        [
            "server", "--data", data, "--audit", audit, "--policies", policies, "--listen", "127.0.0.1:\(port)",
            "--socket", socket,
        ]
    }

    /// What the shell does before it becomes the server; nil: there is no shell.
    var preparation: String? { nil }
    /// How long a request waits for its line of the audit log: long, since a machine that is busy elsewhere is no failure;
    /// nil: as long as the server does by itself.
    var auditPatience: String? { "60s" }
    /// What stands in the server's environment besides a path and a home.
    var surroundings: [String: String] { [:] }

    /// Starts the server and waits until it answers: the command line, unless `answers` looks otherwise.
    func start(umask: String? = nil, answers: (() throws -> Bool)? = nil) throws {
        let process = Process()
        let before = umask.map { "umask \($0)" } ?? preparation
        process.executableURL = URL(fileURLWithPath: before == nil ? Programs.keyturn : "/bin/sh")
        process.arguments =
            before.map { ["-c", "\($0); exec \"$0\" \"$@\"", Programs.keyturn] + arguments } ?? arguments
        var environment = ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"].merging(surroundings) { $1 }
        environment["KEYTURN_AUDIT_PATIENCE"] = auditPatience
        process.environment = environment
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
        self.process = process
        try waitUntil("the server answers") {
            guard process.isRunning else { throw TestFailure("the server ended: \(said)") }
            return try answers?() ?? (keyturn(["status", "--json"]).code == 0)
        }
    }

    /// `kill -9`.
    func kill() { end(SIGKILL) }
    func terminate() { end(SIGTERM) }

    private func end(_ signal: Int32) {
        guard let process, process.isRunning else { return }
        Foundation.kill(process.processIdentifier, signal)
        process.waitUntilExit()
    }

    /// Sends a signal and returns the exit status and whether a signal ended it.
    func waitForEnd(after signal: Int32) -> (status: Int32, reason: Process.TerminationReason)? {
        guard let process else { return nil }
        Foundation.kill(process.processIdentifier, signal)
        process.waitUntilExit()
        return (process.terminationStatus, process.terminationReason)
    }

    // MARK: The vault

    /// - Parameter costs: options of `init`.
    func initialize(_ costs: [String] = []) throws {
        let made = try keyturn(
            ["init", "--accept-recovery-code", "--json", "--passphrase-file", passphraseFile] + costs)
        try #require(made.code == 0, "\(made.errors)")
        accessKey = try #require(made.json()["access_key"] as? String)
        recoveryCode = try #require(made.json()["recovery_code"] as? String)
    }

    func unseal() throws {
        let opened = try keyturn(["unseal", "--passphrase-file", passphraseFile])
        try #require(opened.code == 0, "\(opened.errors)")
    }

    /// A server that is started, initialised and unsealed.
    static func ready(policies: [String: String] = [:]) throws -> Self {
        let server = try Self(policies: policies)
        try server.start()
        try server.initialize()
        return server
    }

    /// Runs a command as the operator's shell would.
    func keyturn(_ arguments: [String], key: String? = nil, input: String = "") throws -> Ended {
        var environment = ["KEYTURN_DATA": data]
        if let key = key ?? (accessKey.isEmpty ? nil : accessKey) { environment["KEYTURN_ACCESS_KEY"] = key }
        return try run(Programs.keyturn, arguments, environment: environment, input: Data(input.utf8))
    }

    /// Runs a command as an application does, over TCP with an access key.
    func application(_ arguments: [String], key: String) throws -> Ended {
        try run(
            Programs.keyturn, arguments,
            environment: ["KEYTURN_ADDRESS": "http://127.0.0.1:\(port)", "KEYTURN_ACCESS_KEY": key])
    }

    /// Runs a command as another Unix user, with nothing but the applications' socket.
    func unixUser(_ user: String, _ arguments: [String]) throws -> Ended {
        try run(
            "/usr/bin/setpriv", ["--reuid=\(user)", "--regid=\(user)", "--clear-groups", Programs.keyturn] + arguments,
            environment: ["KEYTURN_ADDRESS": "unix:" + socket])
    }

    func put(_ path: String, _ value: String) throws {
        let stored = try keyturn(["put", path, "--value-file", "-"], input: value)
        try #require(stored.code == 0, "\(stored.errors)")
    }
}

struct TestFailure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// Looks again and again, for two minutes at most: for what another process does in its own time.
func waitUntil(_ what: String, _ holds: () throws -> Bool) throws {
    let end = ContinuousClock.now + .seconds(120)
    while try !holds() {
        guard ContinuousClock.now < end else { throw TestFailure("waited for long enough: \(what)") }
        usleep(20_000)
    }
}

/// The ports that tests were given: most are bound only seconds later, and other tests draw meanwhile.
private let givenPorts = Mutex<Set<Int>>([])

/// A port of the loopback address that nobody has just now: not one of those that the system gives to clients, which
/// could take it in the meantime, and no other test's.
func freePort() throws -> Int {
    for _ in 0..<100 {
        let port = Int.random(in: 20_000..<32_000)
        guard givenPorts.withLock({ $0.insert(port).inserted }) else { continue }
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let isFree = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        if isFree { return port }
    }
    throw TestFailure("no free port")
}
