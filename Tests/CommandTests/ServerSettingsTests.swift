import ArgumentParser
import Audit
import Testing
import VaultAPI

@testable import keyturn

@Suite("Settings of the server")
struct ServerSettingsTests {
    private func settings(
        _ arguments: [String] = [], file: String = "", _ environment: [String: String] = [:]
    ) throws -> ServerSettings {
        let command = try ServerCommand.parse(arguments)
        let values = ServerSettings.merge(
            options: command.options, environment: try EnvironmentSettings.read(environment),
            file: try ConfigurationFile.parse(file, name: "k.yaml", folder: "/etc/keyturn"))
        return try ServerSettings(values) { () throws(Failure) in "/home/a/data" }
    }

    @Test(
        "A wrong value on the command line is refused by the name of its option",
        arguments: [
            (["--listen", "MARKER"], "--listen"), (["--listen", "localhost"], "--listen"),
            (["--listen", "localhost:65536"], "--listen"), (["--listen", "localhost:"], "--listen"),
            (["--listen", "localhost:+1"], "--listen"), (["--listen", ":8200"], "--listen"),
            (["--listen", "[::1:8200"], "--listen"), (["--listen", "::1:8200"], "--listen"),
            (["--listen", "[localhost]:1"], "--listen"), (["--listen", "0.0.0.0:8200"], "--listen"),
            (["--listen", "[::]:8200"], "--listen"), (["--listen", "example.org:1"], "--listen"),
            (["--data", ""], "--data"), (["--data", "/" + String(repeating: "d", count: 100)], "--data"),
            (["--data", "/d", "--socket", "/d/apps.sock"], "--socket"),
            (["--socket", "/" + String(repeating: "s", count: 107)], "--socket"),
            (["--tls-certificate", "/c"], "--tls-certificate"), (["--tls-key", "/MARKER"], "--tls-key"),
            (["--trash-window", "MARKER"], "--trash-window"), (["--trash-window", "0d"], "--trash-window"),
            (["--trash-window=-1d"], "--trash-window"), (["--log-level", "MARKER"], "--log-level"),
            (["--audit-syslog", "MARKER"], "--audit-syslog"),
            (["--audit-syslog-path", "/MARKER"], "--audit-syslog-path"),
            (["--audit-syslog", "mandatory", "--audit-syslog-path", ""], "--audit-syslog-path"),
            (["--audit-socket", "mandatory"], "--audit-socket"), (["--audit-socket", "MARKER"], "--audit-socket"),
            (["--audit-socket-path", "/MARKER"], "--audit-socket-path"),
            (
                ["--audit-socket", "mandatory", "--audit-socket-path", "/" + String(repeating: "s", count: 107)],
                "--audit-socket-path"
            ),
            (["--allowed-hosts", "a,,b"], "--allowed-hosts"), (["--allowed-hosts", "MARKER/"], "--allowed-hosts"),
        ])
    func wrongOptions(arguments: [String], name: String) throws {
        let failure = #expect(throws: Failure.self) { try settings(arguments) }
        #expect(failure?.exit == .usage)
        #expect(failure?.sentence.hasPrefix(name + ":") == true)
        #expect(failure?.lines.joined().contains("MARKER") == false)
    }

    @Test(
        "A configuration file that is wrong is refused with file, line and setting",
        arguments: [
            ("listen: MARKER", "k.yaml:1: listen: "), ("data: /d\nlog_level: MARKER\n", "k.yaml:2: log_level: "),
            ("listne: MARKER", "k.yaml:1: `listne` is no setting"),
            ("\n\nrotation: MARKER", "k.yaml:3: `rotation` is no"),
            ("MARKER99: 1", "k.yaml:1: this is no setting"), ("? [MARKER]\n: 1", "k.yaml:1: this is no setting"),
            ("data: {a: MARKER}", "k.yaml:1: data: "), ("data: []", "k.yaml:1: data: "), ("data:", "k.yaml:1: data: "),
            ("data: ''", "k.yaml:1: data: "), ("- data", "k.yaml: a configuration is a mapping"),
            ("MARKER", "k.yaml: a configuration is a mapping"), ("data: /a\ndata: /MARKER", "k.yaml"),
            ("data: [MARKER", "k.yaml"), ("allow_unlocked_memory: maybe", "k.yaml:1: allow_unlocked_memory: "),
        ])
    func wrongFiles(text: String, start: String) throws {
        let failure = #expect(throws: Failure.self) { try settings(file: text) }
        #expect(failure?.exit == .usage)
        #expect(failure?.sentence.hasPrefix(start) == true, "\(failure?.sentence ?? "")")
        #expect(failure?.lines.joined().contains("MARKER") == false)
    }

    @Test("A variable that is nearly a setting is refused, with the name that was meant")
    func nearVariables() throws {
        for (name, meant) in [
            ("KEYTURN_LISTN", "KEYTURN_LISTEN"), ("KEYTURN_POLICYS", "KEYTURN_POLICIES"),
            ("KEYTURN_POLICY", "KEYTURN_POLICIES"), ("KEYTURN_listen", "KEYTURN_LISTEN"),
            ("KEYTURN_TLS_CERTIFICAT", "KEYTURN_TLS_CERTIFICATE"), ("KEYTURN_TLS_CERT", "KEYTURN_TLS_CERTIFICATE"),
            ("KEYTURN_ADRESS", "KEYTURN_ADDRESS"),
        ] {
            let failure = #expect(throws: Failure.self) { try EnvironmentSettings.read([name: "MARKER"]) }
            #expect(failure?.sentence == "\(name) is no setting")
            #expect(failure?.hints == ["did you mean \(meant)?"])
        }
        let empty = #expect(throws: Failure.self) { try EnvironmentSettings.read(["KEYTURN_LISTEN": ""]) }
        #expect(empty?.exit == .usage)
    }

    @Test(
        "A variable that nobody knows stops the start",
        arguments: [
            ("KEYTURN_BOGUS", "1"), ("KEYTURN_", "1"), ("KEYTURN_PORT", "8200"), ("KEYTURN_LOG_FORMAT_TCP", "json"),
        ])
    func unknownVariables(name: String, text: String) {
        let failure = #expect(throws: Failure.self) { try EnvironmentSettings.read([name: text]) }
        #expect(failure?.exit == .usage)
        #expect(failure?.sentence == "\(name) is no setting")
        #expect(failure?.hints.first?.contains("keyturn server --help") == true)
    }

    @Test("Variables of other commands, of tests and of Kubernetes are passed over")
    func otherVariables() throws {
        let values = try EnvironmentSettings.read([
            "KEYTURN_PORT": "tcp://10.0.0.1:8200", "KEYTURN_SERVICE_HOST": "10.0.0.1", "KEYTURN_SERVICE_PORT": "8200",
            "KEYTURN_SERVICE_PORT_HTTPS": "8200", "KEYTURN_PORT_8200_TCP": "tcp://10.0.0.1:8200",
            "KEYTURN_PORT_8200_TCP_ADDR": "10.0.0.1", "KEYTURN_PORT_8200_TCP_PORT": "8200",
            "KEYTURN_PORT_8200_TCP_PROTO": "tcp",
            "KEYTURN_METRICS_PORT": "tcp://10.0.0.1:9", "KEYTURN_METRICS_SERVICE_HOST": "10.0.0.1",
            "KEYTURN_ACCESS_KEY": "k", "KEYTURN_ADDRESS": "unix:/s", "KEYTURN_FILES": "/f", "KEYTURN_TEST_PYTHON": "p",
            "KEYTURN_BUILD": "b", "HOME": "/h", "KEYTURN_DATA": "/d", "KEYTURNS": "x",
        ])
        #expect(values == [.data: SettingValue(text: "/d", origin: "KEYTURN_DATA")])
    }

    @Test("Every setting has a variable and an option of its name")
    func names() {
        #expect(ServerSetting.tlsCertificate.variable == "KEYTURN_TLS_CERTIFICATE")
        #expect(ServerSetting.tlsCertificate.option == "--tls-certificate")
        #expect(
            ServerSetting.allCases.map(\.variable) == [
                "KEYTURN_DATA", "KEYTURN_AUDIT", "KEYTURN_AUDIT_SYSLOG", "KEYTURN_AUDIT_SYSLOG_PATH",
                "KEYTURN_AUDIT_SOCKET", "KEYTURN_AUDIT_SOCKET_PATH", "KEYTURN_AUDIT_PATIENCE",
                "KEYTURN_POLICIES", "KEYTURN_LISTEN",
                "KEYTURN_SOCKET",
                "KEYTURN_TLS_CERTIFICATE", "KEYTURN_TLS_KEY", "KEYTURN_ALLOWED_HOSTS", "KEYTURN_TRUSTED_PROXIES",
                "KEYTURN_CONNECTIONS", "KEYTURN_CONSOLE", "KEYTURN_UNSEAL_CREDENTIAL", "KEYTURN_UNSEAL_SLOT",
                "KEYTURN_ALLOW_UNLOCKED_MEMORY",
                "KEYTURN_TRASH_WINDOW", "KEYTURN_LOG_LEVEL", "KEYTURN_PROVIDERS", "KEYTURN_ROTATOR_COMMANDS",
                "KEYTURN_NOTICES",
            ])
        for setting in ServerSetting.allCases {
            #expect(ServerCommand.helpMessage(columns: 1000).contains(setting.option + " "), "\(setting)")
        }
    }

    @Test("Nothing set is a server on the standard port, with everything in the data folder")
    func standard() throws {
        let settings = try settings()
        #expect(settings.data == "/home/a/data" && settings.audit == "/home/a/data/audit")
        #expect(settings.policies == "/home/a/data/policies" && !settings.policiesWereNamed)
        #expect(settings.auditSinks.isEmpty && settings.auditPatience == 2_000)
        #expect(settings.listen.description == "127.0.0.1:8200" && settings.socket == nil && settings.tls == nil)
        #expect(settings.operatorSocket == "/home/a/data/keyturn.sock")
        #expect(settings.trashWindow == 2_592_000_000 && settings.logLevel == .info && !settings.allowUnlockedMemory)
    }

    @Test("The audit log's further sinks come from options, variables and the file alike")
    func auditSinks() throws {
        let settings = try settings(
            ["--audit-socket", "mandatory"], file: "audit_socket: best-effort\naudit_socket_path: collector.sock\n",
            ["KEYTURN_AUDIT_SYSLOG": "best-effort"])
        #expect(
            settings.auditSinks == [
                FurtherSink(.syslog(path: "/dev/log"), .bestEffort),
                FurtherSink(.socket(path: "/etc/keyturn/collector.sock"), .mandatory),
            ])
        let other = try self.settings(["--audit-syslog", "mandatory", "--audit-syslog-path", "/run/log"])
        #expect(other.auditSinks == [FurtherSink(.syslog(path: "/run/log"), .mandatory)])
    }

    @Test("Provider files, programs and receivers of notices are named, and a program by one name and an absolute path")
    func rotation() throws {
        let plain = try settings()
        #expect(plain.providers == "/home/a/data/policies/providers" && !plain.providersWereNamed)
        #expect(plain.rotatorCommands.isEmpty && plain.notices == nil)
        let settings = try settings(
            file: """
                providers: providers
                rotator_commands: [zone=/opt/zone, "mail-2=/opt/mail=2"]
                notices: notices.yaml
                """)
        #expect(settings.providers == "/etc/keyturn/providers" && settings.providersWereNamed)
        #expect(settings.rotatorCommands == ["zone": "/opt/zone", "mail-2": "/opt/mail=2"])
        #expect(settings.notices == "/etc/keyturn/notices.yaml")
        for wrong in ["zone", "zone=", "zone=opt/zone", "=/opt/zone", "a b=/opt", "a=/x,a=/y", "a=/x,"] {
            let error = #expect(throws: Failure.self) { try self.settings(["--rotator-commands", wrong]) }
            #expect(error?.sentence.hasPrefix("--rotator-commands: takes NAME=PATH") == true, "\(wrong)")
        }
    }

    @Test("The console is on unless something switches it off, by one of two words")
    func console() throws {
        #expect(try settings().hasConsole)
        #expect(try !settings(["--console", "off"]).hasConsole)
        #expect(try !settings(file: "console: off\n").hasConsole)
        #expect(try !settings([], ["KEYTURN_CONSOLE": "off"]).hasConsole)
        #expect(try settings(file: "console: off\n", ["KEYTURN_CONSOLE": "on"]).hasConsole)
        let error = #expect(throws: Failure.self) { try settings([], ["KEYTURN_CONSOLE": "maybe"]) }
        #expect(error?.sentence == "KEYTURN_CONSOLE: takes on or off")
    }

    @Test("The command line comes before the environment, and that before the file, whose paths start in its folder")
    func precedence() throws {
        let file = """
            data: data
            listen: "[::]:1"
            tls_certificate: tls/chain.pem
            tls_key: /keys/tls.pem
            allowed_hosts: [Vault.example.org, "vault:8200"]
            trash_window: 7d
            allow_unlocked_memory: true
            """
        let settings = try settings(
            ["--listen", "[::1]:3"], file: file, ["KEYTURN_LISTEN": "0.0.0.0:2", "KEYTURN_TRASH_WINDOW": "1d"])
        #expect(settings.listen == ListenAddress(host: "::1", port: 3))
        #expect(settings.trashWindow == 86_400_000)
        #expect(settings.data == "/etc/keyturn/data")
        #expect(settings.tls == .init(certificate: "/etc/keyturn/tls/chain.pem", key: "/keys/tls.pem"))
        #expect(settings.allowedHosts == ["vault.example.org", "vault:8200"] && settings.allowUnlockedMemory)
    }
}
