import Foundation
import Glibc
import TestThreads
import Testing

/// Mistakes that must stop a start or an unseal with a clear word, and change nothing.
@Suite(.blocks, .timeLimit(.minutes(20))) struct RefusedStartTests {
    @Test("A wrong passphrase is told, and the right one opens afterwards")
    func wrongPassphrase() throws {
        let server = try TestServer.ready()
        #expect(try server.keyturn(["seal"]).code == 0)
        let wrong = try server.folder.write("not the passphrase\n", to: "wrong")
        let refused = try server.keyturn(["unseal", "--passphrase-file", wrong])
        #expect(refused.code == 4)
        #expect(refused.errors.contains("not the passphrase of key slot 0"))
        #expect(!refused.errors.contains("not the passphrase\n"))
        try server.unseal()
    }

    @Test("The recovery code opens the vault and names its own slot")
    func recoveryCode() throws {
        let server = try TestServer.ready()
        #expect(try server.keyturn(["seal"]).code == 0)
        let file = try server.folder.write(server.recoveryCode.lowercased() + "\n", to: "recovery")
        #expect(try server.keyturn(["unseal", "--passphrase-file", file]).code == 0)
    }

    @Test("A damaged slot is named, and another slot still opens")
    func damagedSlot() throws {
        let server = try TestServer.ready()
        server.terminate()
        try changeStore(
            server,
            "row=a.execute('select bytes from record where key=?',(b'\\x01'+bytes(32),)).fetchone()[0]\n"
                + "bad=row[:-3]+bytes([row[-3]^1])+row[-2:]\n"
                + "a.execute('update record set bytes=? where key=?',(bad,b'\\x01'+bytes(32)))")
        try server.start()
        let refused = try server.keyturn(["unseal", "--passphrase-file", server.passphraseFile])
        #expect(refused.code != 0)
        #expect(refused.errors.contains("slot 0") && refused.errors.contains("damaged"))
        #expect(try server.keyturn(["status", "--json"]).json()["state"] as? String == "sealed")
        // The damage is in the sums too: the other slot opens only on demand, and then read-only.
        let file = try server.folder.write(server.recoveryCode, to: "recovery")
        #expect(try server.keyturn(["unseal", "--passphrase-file", file]).code != 0)
        let accepted = try server.keyturn(["unseal", "--accept-damage", "--passphrase-file", file])
        #expect(accepted.code == 0, "\(accepted.errors)")
        #expect(try server.keyturn(["put", "demo/key", "--value-file", "-"], input: "v").code == 1)
    }

    @Test("With a console, the port is nobody else's at the other loopback address: it is held, or the start refused")
    func otherLoopback() throws {
        let taken = """
            import errno, socket, sys
            held = socket.socket(socket.AF_INET6)
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                held.bind(("::1", int(sys.argv[1])))
            except OSError as error:
                print(errno.errorcode[error.errno], flush=True)
                sys.exit()
            held.listen()
            print("listens", flush=True)
            sys.stdin.read()
            """
        let server = try SwitchedServer()
        try server.start()
        let beside = try run("/usr/bin/python3", ["-c", taken, "\(server.port)"]).output
        server.terminate()
        // A machine without the address has nothing to hold.
        #expect(["EADDRINUSE\n", "EADDRNOTAVAIL\n"].contains(beside), "\(beside)")
        guard beside == "EADDRINUSE\n" else { return }
        let other = Process()
        other.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        other.arguments = ["-c", taken, "\(server.port)"]
        let (input, output) = (Pipe(), Pipe())
        other.standardInput = input
        other.standardOutput = output
        try other.run()
        defer {
            kill(other.processIdentifier, SIGKILL)
            other.waitUntilExit()
        }
        try #require(output.fileHandleForReading.readData(ofLength: 7) == Data("listens".utf8))
        let refused = try run(Programs.keyturn, server.arguments)
        #expect(refused.code == 1)
        #expect(refused.errors.contains("--listen") && refused.errors.contains("switch the console off"))
        server.more = ["--console", "off"]
        try server.start()
    }

    private final class SwitchedServer: TestServer, @unchecked Sendable {
        var more: [String] = []
        override var arguments: [String] { super.arguments + more }
    }

    /// A server on whose machine nothing can be locked.
    private final class UnlockedServer: TestServer, @unchecked Sendable {
        static let preparation = #"ulimit -l 0; exec /usr/bin/setpriv --bounding-set=-ipc_lock "$0" "$@""#
        override var preparation: String? { Self.preparation }
        override var arguments: [String] { super.arguments + ["--allow-unlocked-memory"] }
    }

    @Test("Where no memory can be locked the start is refused and says what to do, and goes on where a setting says so")
    func unlockedMemory() throws {
        let folder = try TemporaryFolder()
        let refused = try run(
            "/bin/sh",
            ["-c", UnlockedServer.preparation, Programs.keyturn, "server", "--data", folder.path + "/data"])
        #expect(refused.code == 1)
        #expect(refused.errors.contains("--allow-unlocked-memory"), "\(refused.errors)")
        let server = try UnlockedServer()
        try server.start()
        #expect(try server.keyturn(["status", "--json"]).json()["state"] as? String == "uninitialized")
        try waitUntil("it says so") { server.said.contains("NOT locked in memory") }
    }

    @Test(
        "An unknown or wrong setting stops the start and is named",
        arguments: [
            (["--listen", "127.0.0.1:99999"], "listen"), (["--listen", "0.0.0.0:8200"], "TLS"),
            (["--log-level", "loud"], "log-level"), (["--no-such-setting"], "no-such-setting"),
            (["--trash-window", "0d"], "trash-window"), (["--policies", "/nonexistent/policies"], "policies"),
        ])
    func wrongSetting(_ arguments: [String], _ named: String) throws {
        let folder = try TemporaryFolder()
        let refused = try run(Programs.keyturn, ["server", "--data", folder.path + "/data"] + arguments)
        #expect(refused.code == 2, "\(refused.errors)")
        #expect(refused.errors.contains(named), "\(refused.errors)")
    }

    @Test("An unknown setting in the file of settings is named with its line")
    func wrongConfiguration() throws {
        let folder = try TemporaryFolder()
        let config = try folder.write("log_level: info\nlissten: 127.0.0.1:8200\n", to: "keyturn.yaml", mode: 0o644)
        let refused = try run(Programs.keyturn, ["server", "--data", folder.path + "/data", "--config", config])
        #expect(refused.code == 2)
        #expect(refused.errors.contains("lissten") && refused.errors.contains(":2"))
    }

    @Test("A policy file that does not load stops the start, with file and line")
    func brokenPolicy() throws {
        let server = try TestServer(policies: [
            "broken.yaml": "policy: broken\nrules:\n  - alow: [retrieve]\n    keys: [\"a/*\"]\n"
        ])
        let refused = try run(Programs.keyturn, server.arguments)
        #expect(refused.code == 2)
        #expect(refused.errors.contains("broken.yaml:3"))
    }

    @Test("A single error in the policy files is printed once")
    func oneError() throws {
        let server = try TestServer(policies: [
            "broken.yaml": "policy: broken\nrules:\n  - allow: [retrieve]\n    colour: red\n    keys: [\"a/*\"]\n"
        ])
        let refused = try run(Programs.keyturn, server.arguments)
        #expect(refused.code == 2)
        #expect(refused.errors.components(separatedBy: "broken.yaml:4").count == 2, "\(refused.errors)")
    }

    @Test("A port that is in use is told, and the other program is undisturbed")
    func portInUse() throws {
        let server = try TestServer.ready()
        let folder = try TemporaryFolder()
        let refused = try run(
            Programs.keyturn,
            ["server", "--data", folder.path + "/data", "--listen", "127.0.0.1:\(server.port)"])
        #expect(refused.code == 1)
        #expect(refused.errors.contains("in use"))
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/data"), "nothing was made")
        #expect(try server.keyturn(["status"]).code == 0)
    }

    @Test("A folder that is not ours is refused, and nothing in it changes")
    func foreignFolder() throws {
        let folder = try TemporaryFolder()
        try folder.write("somebody's", to: "data/document.txt")
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder.path + "/data")
        let refused = try run(
            Programs.keyturn, ["server", "--data", folder.path + "/data", "--listen", "127.0.0.1:\(try freePort())"])
        #expect(refused.code == 1)
        #expect(refused.errors.contains("data folder"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/data") == ["document.txt"])
    }

    @Test("A store from a newer version is refused, and nothing in it changes")
    func newerStore() throws {
        let server = try TestServer.ready()
        server.terminate()
        try changeStore(server, "a.execute('pragma user_version=99')")
        let before = try Data(contentsOf: URL(fileURLWithPath: server.data + "/vault.db"))
        let refused = try run(Programs.keyturn, server.arguments)
        #expect(refused.code == 1)
        #expect(refused.errors.contains("newer") && refused.errors.contains("99"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: server.data + "/vault.db")) == before)
    }

    @Test("A second server on the same data folder refuses to start, and the first is undisturbed")
    func secondServer() throws {
        let server = try TestServer.ready()
        try server.put("demo/key", "some value")
        let refused = try run(
            Programs.keyturn,
            [
                "server", "--data", server.data, "--audit", server.folder.path + "/other-audit", "--listen",
                "127.0.0.1:\(try freePort())",
            ])
        #expect(refused.code == 1)
        #expect(refused.errors.contains("in use") || refused.errors.contains("another"))
        #expect(try server.keyturn(["get", "demo/key"]).output == "some value")
    }

    /// Changes a stopped server's store behind its back.
    private func changeStore(_ server: TestServer, _ statements: String) throws {
        let changed = try run(
            "/usr/bin/python3",
            [
                "-c", "import sqlite3,sys\na=sqlite3.connect(sys.argv[1])\n\(statements)\na.commit()\na.close()",
                server.data + "/vault.db",
            ])
        try #require(changed.code == 0, "\(changed.errors)")
    }
}
