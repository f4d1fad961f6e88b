import Foundation
import TestThreads
import Testing

/// The server under a service manager, which a small program plays, and the units as systemd's own tools see them.
@Suite("Under systemd", .blocks, .timeLimit(.minutes(20))) struct SystemdTests {
    private static let units = DocumentPage.root.appendingPathComponent("packaging/systemd").path

    /// What became of a server that was started so.
    private struct Outcome: Decodable {
        var said: [String]
        var early: [String]
        var late: [String]
        var ended: Int32?

        /// What it said when it was ready; a status may come before.
        var ready: String? { said.first { $0.hasPrefix("READY=1") } }
    }

    private func manage(
        _ server: TestServer, socket: Bool = false, port: Bool = false, watchdog: Int = 0,
        arguments: [String]? = nil, environment: [String: String] = [:]
    ) throws -> (outcome: Outcome, errors: String) {
        let plain = ["server", "--data", server.data, "--audit", server.audit, "--policies", server.policies]
        let ended = try run(
            "/usr/bin/python3",
            [
                Programs.python("service_manager.py"), socket ? server.socket : "-", port ? String(server.port) : "-",
                String(watchdog), Programs.keyturn,
            ] + plain + (arguments ?? (port ? [] : ["--listen", "127.0.0.1:\(server.port)"])), environment: environment)
        return (try JSONDecoder().decode(Outcome.self, from: ended.bytes), ended.errors)
    }

    @Test("What cannot be served or is given twice is refused before anything is begun")
    func refused() throws {
        let server = try TestServer()
        for (port, arguments, named) in [
            (true, ["--listen", "127.0.0.1:\(server.port)"], "--listen"),
            (false, ["--unseal-credential", "passphrase"], "--unseal-credential"),
            (false, ["--unseal-credential", "../passphrase"], "--unseal-credential"),
            (false, ["--unseal-slot", "1"], "--unseal-slot"), (false, ["--connections", "0"], "--connections"),
        ] {
            let (outcome, errors) = try manage(server, port: port, arguments: arguments)
            #expect(outcome.ended == 2, "\(arguments)")
            #expect(errors.contains(named), "\(errors)")
            #expect(outcome.said.isEmpty)
        }
        let twice = try manage(
            server, socket: true, arguments: ["--socket", server.socket, "--listen", "127.0.0.1:\(server.port)"])
        #expect(twice.outcome.ended == 2)
        let odd = try run(
            "/bin/sh",
            [
                "-c", "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" server --data \"$1\" 3</dev/null", Programs.keyturn,
                server.data,
            ])
        #expect(odd.code == 2)
        #expect(odd.errors.contains("LISTEN_FDS"))
    }

    @Test(
        "It serves the sockets that are handed over, those who came early too, and says when it is ready and when it stops"
    )
    func activation() throws {
        let server = try TestServer()
        let (outcome, errors) = try manage(server, socket: true, port: true)
        #expect(outcome.ready == "READY=1\nSTATUS=no vault yet: keyturn init", "\(errors)")
        #expect(outcome.said.contains("STOPPING=1\nSTATUS=stopping"))
        #expect(!outcome.said.contains { $0.contains("WATCHDOG") })
        #expect(outcome.early == ["HTTP/1.1 200 OK", "HTTP/1.1 200 OK"])
        #expect(outcome.late == outcome.early)
        #expect(outcome.ended == 0)
        // Whoever made the socket removes it.
        #expect(FileManager.default.fileExists(atPath: server.socket))
    }

    @Test("It shows signs of life to a watchdog, and serves its own sockets where none are handed over")
    func watchdog() throws {
        let server = try TestServer()
        let (outcome, _) = try manage(server, watchdog: 600_000)
        #expect(outcome.said.count(where: { $0.hasPrefix("WATCHDOG=1") }) >= 3)
        #expect(outcome.ended == 0)
    }

    @Test("A credential opens the vault where a setting names it, and not otherwise")
    func credential() throws {
        let server = try TestServer.ready()
        server.terminate()
        let folder = server.folder.path + "/credentials"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        try server.folder.write(TestServer.passphrase + "\n", to: "credentials/right")
        try server.folder.write("no passphrase of this vault\n", to: "credentials/wrong")
        let surroundings = ["CREDENTIALS_DIRECTORY": folder]
        let sealed = "sealed: keyturn unseal"
        let cases: [(setting: String?, state: String)] = [(nil, sealed), ("wrong", sealed), ("right", "unsealed")]
        for (setting, state) in cases {
            var environment = surroundings
            if let setting { environment["KEYTURN_UNSEAL_CREDENTIAL"] = setting }
            let (outcome, errors) = try manage(server, environment: environment)
            #expect(outcome.ready == "READY=1\nSTATUS=\(state)", "\(errors)")
            #expect(outcome.ended == 0)
            #expect(!errors.contains(TestServer.passphrase))
        }
        #expect(logText(server).contains("unseal credential"))
    }

    private func logText(_ server: TestServer) -> String {
        filesBeneath(server.audit).map {
            String(decoding: FileManager.default.contents(atPath: $0) ?? Data(), as: UTF8.self)
        }
        .joined()
    }

    @Test(
        "Each unit is rated 2.0 or better, and systemd finds nothing wrong with it",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze"), "needs Debian's systemd")
    )
    func rating() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.units)
        let services = names.filter { $0.hasSuffix(".service") }.map { Self.units + "/" + $0 }
        #expect(services.count >= 3)
        for unit in services {
            let rated = try run(
                "/usr/bin/systemd-analyze", ["security", "--offline=true", "--no-pager", "--threshold=20", unit])
            #expect(rated.code == 0, "\(unit): \(rated.output.suffix(300)) \(rated.errors)")
        }
        // The measure can fail.
        let folder = try TemporaryFolder()
        let soft = try folder.write("[Service]\nExecStart=/bin/true\n", to: "soft.service", mode: 0o644)
        let rated = try run(
            "/usr/bin/systemd-analyze", ["security", "--offline=true", "--no-pager", "--threshold=20", soft])
        #expect(rated.code != 0)
    }

    private static let canAsk =
        geteuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-ask-password")

    /// Runs what the unit runs, and types the contents of `files` one after the other.
    private func ask(_ server: TestServer, typing files: [String]) throws -> Ended {
        let unit = try String(contentsOfFile: Self.units + "/keyturn-unseal.service", encoding: .utf8)
        let line = try #require(unit.firstMatch(of: /ExecStart=\/bin\/sh -c '(.*)'/)).1
        let id = "keyturn-test-\(server.port)"
        // systemd writes `$$` for a dollar.
        let command = line.replacingOccurrences(of: "$$", with: "$")
            .replacingOccurrences(of: "/var/lib/keyturn", with: server.data)
            .replacingOccurrences(of: "--id=keyturn", with: "--id=\(id)")
        return try run(
            "/usr/bin/python3", [Programs.python("password_agent.py"), command, id] + files,
            environment: ["PATH": Programs.folder + ":/usr/bin:/bin"])
    }

    @Test(
        "The unit that asks at boot asks again after a wrong passphrase, three times in all, and not after anything else",
        .enabled(if: canAsk, "needs root and Debian's systemd"))
    func wrongPassphrases() throws {
        let server = try TestServer.ready()
        #expect(try server.keyturn(["seal"]).code == 0)
        let wrong = try server.folder.write("no passphrase of this vault\n", to: "wrong")
        let refused = try ask(server, typing: [wrong])
        let again = "Wrong. Keyturn passphrase:\n"
        #expect(refused.code == 4, "\(refused.errors)")
        #expect(refused.output == "Keyturn passphrase:\n" + again + again)
        #expect(try server.keyturn(["status"]).output.hasPrefix("sealed"))
        server.kill()
        let absent = try ask(server, typing: [server.passphraseFile])
        #expect(absent.code == 6 && absent.output == "Keyturn passphrase:\n", "\(absent.errors)")
    }

    @Test(
        "The unit that asks at boot opens the vault with what is typed, and with what is typed after a mistake",
        .enabled(if: canAsk, "needs root and Debian's systemd"))
    func askPassword() throws {
        let server = try TestServer.ready()
        let wrong = try server.folder.write("no passphrase of this vault\n", to: "wrong")
        for files in [[server.passphraseFile], [wrong, server.passphraseFile]] {
            #expect(try server.keyturn(["seal"]).code == 0)
            let ended = try ask(server, typing: files)
            #expect(ended.code == 0, "\(ended.errors)")
            #expect(ended.output.split(separator: "\n").count == files.count)
            #expect(try server.keyturn(["status"]).output.hasPrefix("unsealed"))
        }
    }
}
