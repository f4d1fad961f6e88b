package import Outbound
package import Rotation
package import SecretMemory

/// Somebody who is told of rotations: what of, and how.
package struct NoticeReceiver: Sendable {
    package enum Way: Sendable {
        case webhook(Webhook)
        /// A program of the operator's, which reads the body from standard input. Exit code 0 means that it took it.
        case command(OwnedProgram)
    }

    /// From the configuration.
    package let name: String
    package let kinds: Set<RotationNotice.Kind>
    package let way: Way

    package init(name: String, kinds: Set<RotationNotice.Kind>, way: Way) {
        self.name = name
        self.kinds = kinds
        self.way = way
    }
}

/// A host that takes notices by `POST`. It is fixed: no redirect is followed.
package struct Webhook: Sendable {
    package let origin: Origin
    /// Path and query, as they are sent.
    package let target: String
    /// Trust, and whether the host may be inside.
    package let limits: OutboundLimits
    /// What bodies are signed with, asked for at each try, so that it can be replaced; nil where it is not to be had
    /// now, such as a stored key while the vault is sealed.
    package let secret: @Sendable () async -> WipedBytes?

    /// The fewest bytes of a secret.
    package static let leastSecret = 16

    /// - Parameter url: scheme, host, port and path, such as `https://hooks.example.com/keyturn`.
    /// - Throws: ``WebhookError``.
    package init(
        url: String, authorities: String? = nil, allowsPrivate: Bool = false,
        secret: @escaping @Sendable () async -> WipedBytes?
    ) throws(WebhookError) {
        let scheme = url.utf8.prefix { $0 != UInt8(ascii: "/") }.count + 2
        let authority = url.utf8.dropFirst(scheme).prefix { $0 != UInt8(ascii: "/") }.count
        do throws(OriginError) {
            origin = try Origin(parsing: String(decoding: url.utf8.prefix(scheme + authority), as: UTF8.self))
        } catch {
            throw .origin(error)
        }
        let path = String(decoding: url.utf8.dropFirst(scheme + authority), as: UTF8.self)
        let isPlain = path.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "#") }
        guard isPlain, path.utf8.count <= 2_000 else { throw .path }
        target = path.isEmpty ? "/" : path
        limits = OutboundLimits(
            time: 10_000, reply: 64 << 10, allowsPrivate: allowsPrivate || origin.isLoopback, authorities: authorities)
        self.secret = secret
    }
}

/// Why a text is no webhook's address. Repeats nothing of it: the path may be a secret.
package enum WebhookError: Error, Equatable, Sendable, CustomStringConvertible {
    case origin(OriginError)
    case path

    package var description: String {
        switch self {
        case .origin(let error): "\(error)"
        case .path: "the path is at most 2000 printable ASCII characters, without spaces and #"
        }
    }
}
