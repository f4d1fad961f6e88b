/// Who asked, as far as that is known when the entry is written.
package enum AuditCaller: Hashable, Sendable {
    /// Nobody who has been recognised: no key, issuer or name is written with it.
    case stranger
    /// Keyturn itself: a due rotation, a reload by signal.
    case system
    /// An access key, by its public id and its name.
    case accessKey(id: String, name: String)
    /// A Unix user, by the kernel's word on the socket.
    case unixUser(id: UInt32, name: String)
    /// A client certificate, by its fingerprint or serial number and its subject's name.
    case certificate(id: String, name: String)

    /// The word in the line's `caller_kind`.
    package var kind: String {
        switch self {
        case .stranger: "stranger"
        case .system: "system"
        case .accessKey: "access_key"
        case .unixUser: "unix_user"
        case .certificate: "certificate"
        }
    }

    var id: String? {
        switch self {
        case .stranger, .system: nil
        case .accessKey(let id, _), .certificate(let id, _): id
        case .unixUser(let id, _): String(id)
        }
    }

    var name: String? {
        switch self {
        case .stranger, .system: nil
        case .accessKey(_, let name), .unixUser(_, let name), .certificate(_, let name): name
        }
    }
}
