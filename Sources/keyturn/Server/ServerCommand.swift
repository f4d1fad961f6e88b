internal import ArgumentParser

/// `keyturn server`.
struct ServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server",
        abstract: "Serve a vault, until SIGTERM or SIGINT.",
        discussion: """
            Starts sealed. The operator's socket DATA/keyturn.sock is always on; SIGHUP reads policy files and \
            certificates again; the end seals the vault.

              keyturn server --data /var/lib/keyturn --socket /run/keyturn/apps.sock
              keyturn server --listen 10.0.0.5:8200 \\
                --tls-certificate tls.pem --tls-key tls.key

            Each setting can also be a variable (KEYTURN_LISTEN) or stand in the file that --config or KEYTURN_CONFIG \
            names (`listen: 10.0.0.5:8200`); the command line comes first, then the environment. A setting that is \
            wrong or unknown stops the start with exit code 2, and so does a variable KEYTURN_… that no command knows.
            """)

    @Option(help: "The folder of the sealed store; made where it is not there.", completion: .directory)
    var data: String?

    @Option(help: "The folder of the audit log (default: DATA/audit).", completion: .directory)
    var audit: String?

    @Option(help: "Give the system's log every line of the audit log as well: mandatory or best-effort.")
    var auditSyslog: String?

    @Option(help: "The socket of the system's log (default: /dev/log).", completion: .file())
    var auditSyslogPath: String?

    @Option(help: "Give a local stream socket every line of the audit log as well: mandatory or best-effort.")
    var auditSocket: String?

    @Option(help: "The path of that socket.", completion: .file())
    var auditSocketPath: String?

    @Option(
        help: "How long a request waits for its line of the audit log before it is refused, 1s to 60s (default: 2s).")
    var auditPatience: String?

    @Option(help: "The folder of the policy files (default: DATA/policies).", completion: .directory)
    var policies: String?

    @Option(help: "HOST:PORT to listen on (default: 127.0.0.1:8200). Other machines only with TLS.")
    var listen: String?

    @Option(help: "A socket for applications on this host, outside DATA.")
    var socket: String?

    @Option(help: "A YAML file with settings.", completion: .file())
    var config: String?

    @Option(help: "The certificate chain, PEM.", completion: .file())
    var tlsCertificate: String?

    @Option(help: "Its key, PEM.", completion: .file())
    var tlsKey: String?

    @Option(help: "Names that a Host header may also have, with commas between.")
    var allowedHosts: String?

    @Option(help: "Networks of proxies whose X-Forwarded-For is believed, with commas between.")
    var trustedProxies: String?

    @Option(help: "The most connections of one listener, and so of requests that wait (default: 1000).")
    var connections: String?

    @Option(help: "Pages for browsers under /console: on or off (default: on).")
    var console: String?

    @Option(
        help: "The service manager's credential whose passphrase opens the vault at the start. Read the risk first.")
    var unsealCredential: String?

    @Option(help: "The slot that it opens (default: 0).")
    var unsealSlot: String?

    @Flag(help: "Start even where no memory can be locked.")
    var allowUnlockedMemory = false

    @Option(help: "How long a deleted key can be restored (default: 30d).")
    var trashWindow: String?

    @Option(help: "debug, info, warning or error (default: info).")
    var logLevel: String?

    @Option(
        help: "The folder of the provider files of the rotator http (default: POLICIES/providers).",
        completion: .directory)
    var providers: String?

    @Option(help: "The programs of the rotator command: NAME=PATH, with commas between.")
    var rotatorCommands: String?

    @Option(help: "A YAML file that says who is told of rotations.", completion: .file())
    var notices: String?

    func run() async throws {
        let settings = try Self.settings(options, config: config, environment: Surroundings.environment)
        try await ServerCommandRunner.run(settings)
    }

    /// What the command line says.
    var options: [ServerSetting: SettingValue] {
        let texts: [ServerSetting: String?] = [
            .data: data, .audit: audit, .auditSyslog: auditSyslog, .auditSyslogPath: auditSyslogPath,
            .auditSocket: auditSocket, .auditSocketPath: auditSocketPath, .auditPatience: auditPatience,
            .policies: policies, .listen: listen, .socket: socket,
            .tlsCertificate: tlsCertificate, .tlsKey: tlsKey, .allowedHosts: allowedHosts,
            .trustedProxies: trustedProxies, .connections: connections, .console: console,
            .unsealCredential: unsealCredential,
            .unsealSlot: unsealSlot,
            .allowUnlockedMemory: allowUnlockedMemory ? "true" : nil, .trashWindow: trashWindow, .logLevel: logLevel,
            .providers: providers, .rotatorCommands: rotatorCommands, .notices: notices,
        ]
        var options: [ServerSetting: SettingValue] = [:]
        for (setting, text) in texts {
            if let text { options[setting] = SettingValue(text: text, origin: setting.option) }
        }
        return options
    }

    /// The command line, the environment and the file together.
    static func settings(
        _ options: [ServerSetting: SettingValue], config: String?, environment: [String: String]
    ) throws(Failure) -> ServerSettings {
        let variables = try EnvironmentSettings.read(environment)
        var file: [ServerSetting: SettingValue] = [:]
        if let path = config ?? environment["KEYTURN_CONFIG"] {
            guard !path.isEmpty else { throw .usage("\(config == nil ? "KEYTURN_CONFIG" : "--config"): names no file") }
            file = try ConfigurationFile.read(path, namedBy: config == nil ? "KEYTURN_CONFIG" : "--config")
        }
        let values = ServerSettings.merge(options: options, environment: variables, file: file)
        return try ServerSettings(values) { () throws(Failure) in
            let folder = try DataFolder.choose(
                option: nil, environment: environment, isRoot: Surroundings.isRoot, exists: Surroundings.exists)
            return AbsolutePath.from(folder.path)
        }
    }
}
