internal import Audit

/// What a server was told, checked.
struct ServerSettings: Equatable {
    /// Certificate and key for TLS, as PEM files.
    struct TLS: Equatable {
        var certificate: String
        var key: String
    }

    /// How the vault opens without anybody there.
    struct Unattended: Equatable {
        /// The name of the service manager's credential that holds the passphrase.
        var credential: String
        /// The slot that it opens; nil: 0.
        var slot: Int?
    }

    /// How much is said on standard error.
    enum LogLevel: String, CaseIterable {
        case debug, info, warning, error
    }

    /// The data folder, absolute like every path here.
    var data: String
    /// The folder of the audit log.
    var audit: String
    /// What gets every line of the audit log as well.
    var auditSinks: [FurtherSink]
    /// For how long an entry of the audit log is waited for, in milliseconds.
    var auditPatience: Int64
    /// The folder of the policy files.
    var policies: String
    /// Whether a setting named that folder; one that was named must be there.
    var policiesWereNamed: Bool
    var listen: ListenAddress
    /// Whether a setting named that address.
    var listenWasNamed: Bool
    /// A socket for applications on this host, outside the data folder.
    var socket: String?
    var tls: TLS?
    /// Names that a Host header may have besides the listener's own.
    var allowedHosts: [String]
    /// Networks of proxies whose word on the client's address is taken.
    var trustedProxies: [String]
    /// The most connections of one listener.
    var connections: Int
    /// Whether the console is served.
    var hasConsole: Bool
    /// Nil unless a setting asks for it.
    var unattended: Unattended?
    /// Starts even where no memory can be locked.
    var allowUnlockedMemory: Bool
    /// How long a deleted key can be restored, in milliseconds.
    var trashWindow: Int64
    var logLevel: LogLevel
    /// The folder of the provider files, for the rotator `http`.
    var providers: String
    /// Whether a setting named that folder; one that was named must be there.
    var providersWereNamed: Bool
    /// The programs of the rotator `command`, by the names that rotation settings have for them.
    var rotatorCommands: [String: String]
    /// The file that says who is told of rotations.
    var notices: String?

    /// The operator's socket.
    var operatorSocket: String { data + "/keyturn.sock" }
}
