import Foundation
import TestThreads
import Testing

/// `keyturn run` in front of programs that know nothing of Keyturn.
@Suite(.blocks, .timeLimit(.minutes(20))) struct RunTests {
    static let policies = [
        "shop.yaml": """
        policy: shop
        rules:
          - allow: [retrieve, list]
            keys: ["shop/**"]
        """
    ]

    /// Says what it was started with, and goes on until it is ended.
    static let service = #"echo "started with $TOKEN" >> "$OUT"; exec sleep 600"#

    @Test(
        "A program that reads its environment comes up when the vault opens, is started anew after a new version, starts from the cache while the vault is down, and not once its access key is revoked"
    )
    func story() throws {
        let server = try TestServer.ready(policies: Self.policies)
        try server.put("shop/token", "one")
        let key = try server.newKey("shop")
        #expect(try server.keyturn(["seal"]).code == 0)
        let cache = server.folder.path + "/kept/shop"
        try FileManager.default.createDirectory(
            atPath: server.folder.path + "/kept", withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700])
        let options = ["--env", "TOKEN=shop/token", "--cache", cache]
        let program = try server.running(
            options + ["--restart-on-change", "--wait", "120s", "--", "sh", "-c", Self.service], key: key,
            environment: ["OUT": server.folder.path + "/out"])
        try waitUntil("it waits") { program.said.contains("waiting up to 120 s") }
        #expect(try server.folder.lines(of: "out") == [])
        try server.unseal()
        try waitUntil("it comes up") { try server.folder.lines(of: "out") == ["started with one"] }
        try server.put("shop/token", "two")
        try waitUntil("it is started anew") {
            try server.folder.lines(of: "out") == ["started with one", "started with two"]
        }
        program.send(SIGTERM)
        #expect(program.end() == -SIGTERM)

        // The vault is down, and then sealed: the last values that it gave.
        let kept = try Data(contentsOf: URL(fileURLWithPath: cache))
        #expect(kept.range(of: Data("two".utf8)) == nil && kept.range(of: Data("shop/token".utf8)) == nil)
        let show = options + ["--wait", "0", "--", "sh", "-c", #"echo "$TOKEN""#]
        server.kill()
        let down = try server.application(["run"] + show, key: key)
        #expect(down.code == 0 && down.output == "two\n", "\(down.errors)")
        try server.start()
        #expect(try server.application(["run"] + show, key: key).output == "two\n")

        // For whom it is kept, and for what.
        server.kill()
        #expect(try server.application(["run"] + show, key: key.replacing("keyturn_", with: "other_")).code == 6)
        let more = ["run", "--env", "TOKEN=shop/token", "--env", "OTHER=shop/other"] + show.dropFirst(2)
        #expect(try server.application(more, key: key).code == 6)
        let aged = ["run", "--cache-max-age", "1s"] + show
        try waitUntil("it is too old") { try server.application(aged, key: key).code == 6 }
        #expect(try server.application(["run"] + show, key: key).code == 0)

        // Revoked: refused, and forgotten.
        try server.start()
        try server.unseal()
        let list = try server.keyturn(["access", "list", "--query", "application", "--json"])
        let id = try #require(list.output.firstMatch(of: /"id":"([^"]+)"/)?.1)
        #expect(try server.keyturn(["access", "revoke", String(id)]).code == 0)
        // A vault that is there is asked for as long as it takes to be told.
        let refused = try server.application(["run"] + show.map { $0 == "0" ? "60s" : $0 }, key: key)
        #expect(refused.code == 4 && refused.output.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: cache))
        server.kill()
        #expect(try server.application(["run"] + show, key: key).code == 6)
    }

    @Test("What a policy takes away while a program runs, one of its keys or their list, starts nothing from its cache")
    func takenAway() throws {
        let server = try TestServer.ready(policies: Self.policies)
        try server.put("shop/one", "first")
        try server.put("shop/two", "first")
        let key = try server.newKey("shop")
        let kept = server.folder.path + "/kept"
        try FileManager.default.createDirectory(
            atPath: kept, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        func isKept(_ name: String) -> Bool { FileManager.default.fileExists(atPath: kept + "/" + name) }
        func allow(_ actions: String, _ keys: String) throws {
            let text = "policy: shop\nrules:\n  - {allow: [\(actions)], keys: [\"\(keys)\"]}\n"
            try server.write(policy: "shop.yaml", text)
            #expect(try server.keyturn(["policy", "reload"]).code == 0)
        }
        let named = ["--env", "ONE=shop/one", "--env", "TWO=shop/two", "--cache", kept + "/named"]
        let listed = ["--prefix", "shop", "--cache", kept + "/listed"]
        let programs = try [named, listed].map { options in
            try server.running(options + ["--restart-on-change", "--", "sleep", "600"], key: key)
        }
        try waitUntil("both have their keys") { isKept("named") && isKept("listed") }

        // Not the list any more: found out when a key changes.
        try allow("retrieve", "shop/**")
        try server.put("shop/one", "second")
        try waitUntil("the list is refused") { !isKept("listed") }
        #expect(isKept("named"))

        try allow("retrieve", "shop/one")
        try waitUntil("a key is refused") { !isKept("named") }
        for program in programs {
            #expect(program.isRunning)
            program.send(SIGTERM)
            #expect(program.end() == -SIGTERM)
        }
        server.kill()
        for options in [named, listed] {
            #expect(try server.application(["run", "--wait", "0"] + options + ["--", "true"], key: key).code == 6)
        }
    }

    @Test("A vault that hangs is given up when the wait is over, for the cache or with the code of an absent one")
    func hanging() throws {
        let server = try TestServer.ready(policies: Self.policies)
        try server.put("shop/token", "one")
        let key = try server.newKey("shop")
        let environment = ["KEYTURN_ADDRESS": "http://127.0.0.1:\(server.port)", "KEYTURN_ACCESS_KEY": key]
        let kept = server.folder.path + "/kept"
        try FileManager.default.createDirectory(
            atPath: kept, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        let command = ["--env", "TOKEN=shop/token", "--", "sh", "-c", #"echo "$TOKEN""#]
        let cache = ["--cache", kept + "/shop"]
        #expect(try run(Programs.keyturn, ["run"] + cache + command, environment: environment).output == "one\n")
        kill(server.pid, SIGSTOP)
        // Less than the thirty seconds that any call may take, by the best of several goes: the machine may be busy.
        func givingUp(_ options: [String]) throws -> Ended {
            let arguments = ["run", "--wait", "0"] + options + command
            var ended = try run(Programs.keyturn, arguments, environment: environment, patience: 25)
            for _ in 0..<9 where ended.code == SIGKILL {
                ended = try run(Programs.keyturn, arguments, environment: environment, patience: 25)
            }
            return ended
        }
        let started = try givingUp(cache)
        #expect(started.code == 0 && started.output == "one\n", "\(started.errors)")
        let ended = try givingUp([])
        #expect(ended.code == 6 && ended.errors.contains("did not answer in time"), "\(ended.errors)")
        #expect(!ended.errors.contains("not known"))
        kill(server.pid, SIGCONT)
    }

    @Test("Sealed, refused, missing and absent end differently, and nothing is started")
    func exitCodes() throws {
        let server = try TestServer.ready(policies: Self.policies)
        try server.put("other/token", "one")
        try server.put("shop/token", "one")
        let key = try server.newKey("shop")
        // Who is refused is told at once.
        func code(_ arguments: String..., wait: String = "60s") throws -> Int32 {
            let ended = try server.application(
                ["run", "--wait", wait] + arguments + ["--", "echo", "started"], key: key)
            #expect(!ended.output.contains("started"))
            return ended.code
        }
        #expect(try code("--env", "A=other/token") == 4)
        #expect(try code("--env", "A=shop/token", "--env", "B=shop/none") == 5)
        #expect(try code("--env", "A=shop/token#secret") == 5)
        #expect(try code("--prefix", "shop/none") == 5)
        #expect(try code("--prefix", "other") == 4)
        #expect(try code() == 2)
        #expect(try code("--restart-on-change") == 2)
        #expect(try code("--env", "A=shop/token", "--restart-on-change", "--signal-on-change", "HUP") == 2)
        #expect(try code("--file", "shop/token=\(server.folder.path)/token") == 2)
        #expect(try server.keyturn(["seal"]).code == 0)
        // An attempt has three seconds, in which a busy machine may have no answer.
        try waitUntil("it is told that the vault is sealed") { try code("--env", "A=shop/token", wait: "0") == 3 }
        try waitUntil("so it is for files") { try code("--file", "shop/token=token", wait: "0") == 3 }
        server.kill()
        #expect(try code("--env", "A=shop/token", wait: "0") == 6)
    }

    @Test("All keys beneath a prefix and those of a file of bindings are in the environment, and the access key is not")
    func environment() throws {
        let server = try TestServer.ready(policies: Self.policies)
        try server.put("shop/stripe-secret-key", "sk_1")
        try server.put("shop/db/url", "postgres://x")
        let key = try server.newKey("shop")
        let map = try server.folder.write("# the map\nDATABASE=shop/db/url\n", to: "map")
        let file = try server.folder.write(key + "\n", to: "key")
        for stays in [[], ["--restart-on-change"]] {
            let ended = try run(
                Programs.keyturn,
                ["run", "--access-key-file", file, "--prefix", "shop", "--env-file", map] + stays + ["--", "env"],
                environment: ["KEYTURN_ADDRESS": "http://127.0.0.1:\(server.port)", "KEYTURN_ACCESS_KEY_FILE": file])
            #expect(ended.code == 0, "\(ended.errors)")
            let lines = Set(ended.output.split(separator: "\n").map(String.init))
            #expect(lines.isSuperset(of: ["STRIPE_SECRET_KEY=sk_1", "DB_URL=postgres://x", "DATABASE=postgres://x"]))
            #expect(!ended.output.contains("ACCESS_KEY"))
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
        let open = try run(
            Programs.keyturn, ["run", "--access-key-file", file, "--prefix", "shop", "--", "env"],
            environment: ["KEYTURN_ADDRESS": "http://127.0.0.1:\(server.port)"])
        #expect(open.code == 2)
    }

    @Test("A file in memory holds the value, is written anew before the program is told, and goes with it")
    func files() throws {
        let server = try TestServer.ready(policies: Self.policies)
        try server.put("shop/certificate", "first")
        let key = try server.newKey("shop")
        let script = #"""
            import os, signal, stat, time
            folder = os.environ["KEYTURN_FILES"]
            path = folder + "/certificate.pem"
            def show(*_):
                mode = stat.S_IMODE(os.stat(path).st_mode)
                with open(os.environ["OUT"], "a") as out:
                    out.write("%o %o %s\n" % (stat.S_IMODE(os.stat(folder).st_mode), mode, open(path).read()))
            signal.signal(signal.SIGHUP, show)
            with open(os.environ["OUT"], "a") as out: out.write(folder + "\n")
            show()
            while True: time.sleep(600)
            """#
        let program = try server.running(
            ["--file", "shop/certificate=certificate.pem", "--signal-on-change", "HUP", "--", "python3", "-c", script],
            key: key, environment: ["OUT": server.folder.path + "/out"])
        try waitUntil("it has its file") { try server.folder.lines(of: "out").count == 2 }
        let lines = try server.folder.lines(of: "out")
        #expect(lines[0].hasPrefix("/dev/shm/") && lines[1] == "700 600 first")
        try server.put("shop/certificate", "second")
        try waitUntil("it is told") { try server.folder.lines(of: "out").last == "700 600 second" }
        program.send(SIGINT)
        #expect(program.end() == -SIGINT)
        #expect(!FileManager.default.fileExists(atPath: lines[0]))
    }

    @Test("What a killed parent leaves is gone once another one of the same user starts, and not what is in use")
    func orphanedFiles() throws {
        let server = try TestServer.ready(policies: Self.policies)
        try server.put("shop/token", "first")
        let key = try server.newKey("shop")
        func start(_ out: String) throws -> (program: RunningProgram, folder: String) {
            let program = try server.running(
                [
                    "--file", "shop/token=token", "--", "sh", "-c",
                    #"cat "$KEYTURN_FILES/token" && echo "$KEYTURN_FILES" >> "$OUT"; exec sleep 600"#,
                ], key: key, environment: ["OUT": server.folder.path + "/" + out])
            try waitUntil("it has its file") { try server.folder.lines(of: out).count == 1 }
            return (program, try server.folder.lines(of: out)[0])
        }
        func holds(_ folder: String) -> Bool { FileManager.default.fileExists(atPath: folder + "/token") }
        let (killed, orphan) = try start("killed")
        let (running, used) = try start("running")
        killed.send(SIGKILL)
        #expect(killed.end() == -SIGKILL)
        // Whether the orphan is still there is for whatever other test starts such a program first.
        #expect(holds(used))
        let (next, its) = try start("next")
        // Another test's program may be about to remove it.
        try waitUntil("the orphan is gone") { !FileManager.default.fileExists(atPath: orphan) }
        #expect(holds(used) && holds(its))
        for program in [running, next] {
            program.send(SIGTERM)
            #expect(program.end() == -SIGTERM)
        }
        #expect(!holds(used) && !holds(its))
    }

    @Test("Without any answer to changes, files are written anew all the same")
    func quietFiles() throws {
        let server = try TestServer.ready(policies: Self.policies)
        try server.put("shop/token", "first")
        let key = try server.newKey("shop")
        let folder = "/dev/shm/keyturn-test-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let program = try server.running(["--file", "shop/token=\(folder)/token", "--", "sleep", "600"], key: key)
        func contents() -> String? { try? String(contentsOfFile: folder + "/token", encoding: .utf8) }
        try waitUntil("the file is there") { contents() == "first" }
        try server.put("shop/token", "second")
        try waitUntil("it is written anew") { contents() == "second" }
        program.send(SIGTERM)
        #expect(program.end() == -SIGTERM)
        #expect(contents() == nil)
    }

    @Test("Exit codes, signals and standard input pass through the parent, and strays leave no zombie")
    func parent() throws {
        let server = try TestServer.ready(policies: Self.policies)
        try server.put("shop/token", "one")
        let key = try server.newKey("shop")
        let run = ["run", "--env", "TOKEN=shop/token", "--restart-on-change", "--"]
        #expect(try server.application(run + ["sh", "-c", "exit 42"], key: key).code == 42)
        #expect(try server.application(run + ["sh", "-c", "kill -SEGV $$"], key: key).code == SIGSEGV)
        #expect(try server.application(run + ["no-such-program"], key: key).code == 1)
        let environment = ["KEYTURN_ADDRESS": "http://127.0.0.1:\(server.port)", "KEYTURN_ACCESS_KEY": key]
        let echoed = try EndToEndTests.run(
            Programs.keyturn, run + ["cat"], environment: environment, input: Data("through\n".utf8))
        #expect(echoed.output == "through\n" && echoed.code == 0)

        let trap = #"trap 'echo caught >> "$OUT"; exit 3' USR1; echo ready >> "$OUT"; while :; do sleep 0.05; done"#
        let program = try server.running(
            Array(run.dropFirst()) + ["sh", "-c", trap], key: key, environment: ["OUT": server.folder.path + "/out"])
        try waitUntil("it runs") { try server.folder.lines(of: "out") == ["ready"] }
        program.send(SIGUSR1)
        #expect(program.end() == 3)
        #expect(try server.folder.lines(of: "out") == ["ready", "caught"])

        // As the first process of a container: it collects what others have left.
        let strays = """
            (true & true &)
            sleep 0.3
            for try in $(seq 300); do
                left=$(cat /proc/[0-9]*/stat 2>/dev/null | grep -c ') Z ')
                [ "$left" != 0 ] || break
                sleep 0.1
            done
            echo "$left"
            """
        let contained = try EndToEndTests.run(
            "/usr/bin/unshare", ["--pid", "--fork", "--mount-proc", Programs.keyturn] + run + ["sh", "-c", strays],
            environment: environment)
        #expect(contained.output == "0\n", "\(contained.errors)")
    }

    @Test("No command line holds a secret, and the program's environment has its values and not the access key")
    func whatOthersSee() throws {
        let server = try TestServer.ready(policies: Self.policies)
        try server.put("shop/token", "MARKER-value")
        let key = try server.newKey("shop")
        for stays in [[], ["--restart-on-change"]] {
            let out = "out\(stays.count)"
            let program = try server.running(
                ["--env", "TOKEN=shop/token"] + stays + ["--", "sh", "-c", #"echo $$ >> "$OUT"; exec sleep 600"#],
                key: key, environment: ["OUT": server.folder.path + "/" + out])
            try waitUntil("it runs") { try server.folder.lines(of: out).count == 1 }
            let child = try server.folder.lines(of: out)[0]
            #expect(stays.isEmpty == (child == "\(program.pid)"))
            func contents(_ path: String) -> String {
                String(decoding: FileManager.default.contents(atPath: "/proc/" + path) ?? Data(), as: UTF8.self)
            }
            try waitUntil("it has become the program") { contents(child + "/cmdline").hasPrefix("sleep") }
            for process in [child, "\(program.pid)"] {
                let line = contents(process + "/cmdline")
                #expect(!line.isEmpty && !line.contains("MARKER") && !line.contains(key))
            }
            let environment = contents(child + "/environ")
            #expect(environment.contains("TOKEN=MARKER-value") && !environment.contains(key))
            program.send(SIGTERM)
            #expect(program.end() == -SIGTERM)
        }
    }

    @Test("A program blocks the signals that it would block without keyturn, and no others", arguments: [false, true])
    func blockedSignals(stays: Bool) throws {
        let server = try TestServer.ready(policies: Self.policies)
        try server.put("shop/token", "one")
        let show = ["/usr/bin/grep", "SigBlk", "/proc/self/status"]
        let run =
            [Programs.keyturn, "run", "--env", "TOKEN=shop/token"] + (stays ? ["--restart-on-change"] : []) + ["--"]
        for signals in ["[]", "[signal.SIGUSR2, signal.SIGHUP]"] {
            let ended = try [show, run + show].map { command in
                try EndToEndTests.run(
                    "/usr/bin/python3", ["-c", RunningProgram.blocking(signals)] + command,
                    environment: ["KEYTURN_DATA": server.data, "KEYTURN_ACCESS_KEY": server.accessKey])
            }
            #expect(ended[0].output.hasPrefix("SigBlk") && ended[0].output == ended[1].output, "\(ended[1].errors)")
        }
    }

    @Test("A program whose parent is killed is asked to end")
    func orphan() throws {
        let server = try TestServer.ready(policies: Self.policies)
        try server.put("shop/token", "one")
        let trap = #"trap 'echo ended >> "$OUT"; exit 0' TERM; echo ready >> "$OUT"; while :; do sleep 0.05; done"#
        let program = try server.running(
            ["--env", "TOKEN=shop/token", "--restart-on-change", "--", "sh", "-c", trap],
            key: try server.newKey("shop"), environment: ["OUT": server.folder.path + "/out"])
        try waitUntil("it runs") { try server.folder.lines(of: "out") == ["ready"] }
        program.send(SIGKILL)
        try waitUntil("it ends") { try server.folder.lines(of: "out") == ["ready", "ended"] }
    }

    @Test("At a terminal, the program reads from it through its parent, and the keys reach it once")
    func terminal() throws {
        let server = try TestServer.ready(policies: Self.policies)
        try server.put("shop/token", "one")
        let script = Programs.python("at_a_terminal.py")
        let program = #"""
            n=0; trap 'n=$((n + 1)); echo "caught $n"' INT
            echo "name?"; read name; echo "hello $name"; echo "now?"; read again; echo "$again after $n"
            """#
        let dialogue = [["name?", "keyturn"], ["now?", "\u{3}done"]]
        let text = String(decoding: try JSONEncoder().encode(dialogue), as: UTF8.self)
        let ended = try run(
            "/usr/bin/python3",
            [
                script, text, Programs.keyturn, "run", "--env", "TOKEN=shop/token", "--restart-on-change", "--", "bash",
                "-c", program,
            ],
            environment: ["KEYTURN_DATA": server.data, "KEYTURN_ACCESS_KEY": server.accessKey, "TERM": "dumb"])
        #expect(ended.code == 0 && ended.output.contains("hello keyturn"), "\(ended.output)")
        #expect(ended.output.contains("caught 1") && !ended.output.contains("caught 2"), "\(ended.output)")
    }

    @Test("A Unix user without any access key keeps its cache behind a file of its own")
    func unixUser() throws {
        let server = try TestServer.ready(policies: [
            "games.yaml":
                "policy: games\nrules:\n  - {allow: [retrieve], keys: [\"shop/**\"]}\ncallers:\n  unix-users: [games]\n"
        ])
        try server.put("shop/token", "one")
        let folder = server.folder.path + "/games"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        #expect(try run("/usr/bin/chown", ["games:games", folder]).code == 0)
        let options = ["--env", "T=shop/token", "--cache", folder + "/cache", "--", "sh", "-c", "echo $T"]
        #expect(try server.unixUser("games", ["run", "--wait", "60s"] + options).output == "one\n")
        server.kill()
        let arguments = ["run", "--wait", "0"] + options
        #expect(try server.unixUser("games", arguments).output == "one\n")
        #expect(try server.unixUser("daemon", arguments).code != 0)
        #expect(try run("/usr/bin/chmod", ["644", folder + "/cache.key"]).code == 0)
        #expect(try server.unixUser("games", arguments).code == 6)
    }
}
