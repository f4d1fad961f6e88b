internal import Foundation

/// A PostgreSQL server of the test's own: a new cluster in a temporary folder, on a socket there and a free port of
/// loopback, run as the user `postgres` where the test is root. Its log is kept so that it can be searched.
package final class TestPostgres: Sendable {
    package let folder: String
    package let port: Int
    package let administrator = "admin"
    package let password = "first-of-all"
    private let binaries: String

    package init() throws {
        binaries = try Self.binaries()
        folder = FileManager.default.temporaryDirectory.appending(path: "pg-\(UUID().uuidString.prefix(8))").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        port = Int.random(in: 20_000...60_000)
        try Self.run("/bin/chmod", ["0755", folder])
        if getuid() == 0 { try Self.run("/bin/chown", ["postgres", folder]) }
        try password.write(toFile: folder + "/pw", atomically: false, encoding: .utf8)
        try Self.run("/bin/chmod", ["0644", folder + "/pw"])
        try asServer(
            "initdb",
            [
                "-D", folder + "/data", "-U", administrator, "--pwfile=\(folder)/pw", "-A", "scram-sha-256",
                "--no-sync", "-E", "UTF8", "--locale=C",
            ])
        try asServer(
            "pg_ctl",
            [
                "-D", folder + "/data", "-w", "-t", "120", "-l", folder + "/log", "-o",
                "-c listen_addresses='' -c unix_socket_directories=\(folder) -c port=\(port) -c log_statement=all "
                    + "-c fsync=off -c log_min_messages=info",
                "start",
            ])
    }

    package func stop() {
        try? asServer("pg_ctl", ["-D", folder + "/data", "-m", "immediate", "stop"])
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// All that the server has logged.
    package func log() throws -> String { try String(contentsOfFile: folder + "/log", encoding: .utf8) }

    /// Runs SQL as the administrator and gives what comes out.
    @discardableResult package func sql(_ text: String) throws -> String {
        try Self.run(
            binaries + "/psql",
            ["-h", folder, "-p", "\(port)", "-U", administrator, "-d", "postgres", "-AtqX", "-c", text],
            environment: ["PGPASSWORD": password])
    }

    /// Whether a role is let in with a password.
    package func letsIn(_ role: String, _ password: String) -> Bool {
        let arguments = ["-h", folder, "-p", "\(port)", "-U", role, "-d", "postgres", "-AtqXw", "-c", "SELECT 1"]
        return (try? Self.run(binaries + "/psql", arguments, environment: ["PGPASSWORD": password])) != nil
    }

    private func asServer(_ program: String, _ arguments: [String]) throws {
        if getuid() == 0 {
            try Self.run("/usr/sbin/runuser", ["-u", "postgres", "--", binaries + "/" + program] + arguments)
        } else {
            try Self.run(binaries + "/" + program, arguments)
        }
    }

    private static func binaries() throws -> String {
        let root = "/usr/lib/postgresql"
        let versions = try FileManager.default.contentsOfDirectory(atPath: root).compactMap(Int.init)
        return "\(root)/\(versions.max() ?? 0)/bin"
    }

    package struct Failed: Error {
        package let program: String
        package let text: String
    }

    @discardableResult private static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:]
    ) throws -> String {
        let process = Process()
        // `Process` waits for an open descriptor to close, and the server that is started would keep it.
        let closing =
            #"for f in /proc/$$/fd/*; do f=${f##*/}; if [ "$f" -gt 2 ]; then eval "exec $f>&-"; fi; done; exec "$@""#
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", closing, "bash", program] + arguments
        process.environment = ["PATH": "/usr/bin:/bin", "LC_ALL": "C"].merging(environment) { $1 }
        process.currentDirectoryURL = URL(filePath: "/")
        // A file, not a pipe: the server that is started would hold a pipe open.
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path()
        _ = FileManager.default.createFile(atPath: file, contents: nil)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let output = try FileHandle(forWritingTo: URL(filePath: file))
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        guard process.terminationStatus == 0 else { throw Failed(program: program, text: text) }
        return text
    }
}
