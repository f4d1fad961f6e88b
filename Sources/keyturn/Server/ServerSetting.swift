/// Everything about a server that can be set. The raw value is the name in a configuration file.
enum ServerSetting: String, CaseIterable {
    case data
    case audit
    case auditSyslog = "audit_syslog"
    case auditSyslogPath = "audit_syslog_path"
    case auditSocket = "audit_socket"
    case auditSocketPath = "audit_socket_path"
    case auditPatience = "audit_patience"
    case policies
    case listen
    case socket
    case tlsCertificate = "tls_certificate"
    case tlsKey = "tls_key"
    case allowedHosts = "allowed_hosts"
    case trustedProxies = "trusted_proxies"
    case connections
    case console
    case unsealCredential = "unseal_credential"
    case unsealSlot = "unseal_slot"
    case allowUnlockedMemory = "allow_unlocked_memory"
    case trashWindow = "trash_window"
    case logLevel = "log_level"
    case providers
    case rotatorCommands = "rotator_commands"
    case notices

    /// The variable of the environment.
    var variable: String { "KEYTURN_" + rawValue.uppercased() }

    /// The option of the command line.
    var option: String { "--" + String(rawValue.map { $0 == "_" ? "-" : $0 }) }
}

/// A value, and where it came from.
struct SettingValue: Equatable {
    var text: String
    /// `--listen`, `KEYTURN_LISTEN` or `FILE:3: listen`, for messages.
    var origin: String
    /// The folder that relative paths start from; the working folder where nil.
    var folder: String?

    /// A usage failure that names where the value came from and does not repeat it.
    func wrong(_ expectation: String) -> Failure { .usage("\(origin): \(expectation)") }
}
