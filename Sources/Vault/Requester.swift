package import IssuedKeys
package import SecretMemory

/// Which door a request came through.
package enum Door: String, Sendable {
    /// The operator's socket inside the data folder: only its owner and root can open it.
    case operatorSocket = "operator-socket"
    /// The applications' socket.
    case socket
    /// A TCP listener.
    case network
}

/// What somebody presents to show who they are, before anybody has checked it.
package enum Credential: Sendable {
    /// Nothing, or something that was voided (a Unix user whose request bears signs of a proxy).
    case none
    /// The text of an access key.
    case accessKey(WipedBytes)
    /// An access key that was presented before, by what it is looked up by: its text is not kept.
    case knownKey(KnownKey)
    /// The kernel's word on a local socket: the user's id and, where it has one, name.
    case unixUser(id: UInt32, name: String?)
}

extension Credential {
    /// Whether an access key is presented.
    package var isAccessKey: Bool {
        switch self {
        case .accessKey, .knownKey: true
        case .none, .unixUser: false
        }
    }
}

/// Who asks, as the door knows it: every operation of the vault takes one. Handed on many times with each request, and so
/// one reference and a moment wide.
package struct Requester: Sendable {
    private struct Fields: Sendable {
        var credential: Credential
        var presented: PresentedKey?
        var door: Door
        var address: IPAddress?
        var addressText: String?
        var route: String
    }

    /// Never changed, only replaced.
    private final class Box: Sendable {
        let fields: Fields
        init(_ fields: Fields) { self.fields = fields }
    }

    private var box: Box
    /// When the request began, for its duration.
    package var began: ContinuousClock.Instant

    package init(
        credential: Credential, door: Door, address: IPAddress? = nil, route: String,
        began: ContinuousClock.Instant = .now
    ) {
        box = Box(Fields(credential: credential, door: door, address: address, route: route))
        self.began = began
    }

    private mutating func change(_ change: (inout Fields) -> Void) {
        var fields = box.fields
        change(&fields)
        box = Box(fields)
    }

    /// What was presented.
    package var credential: Credential {
        get { box.fields.credential }
        set {
            change { fields in
                fields.credential = newValue
                fields.presented = nil
            }
        }
    }

    /// What an access key is looked up by, once that has been worked out.
    var presented: PresentedKey? {
        get { box.fields.presented }
        set { change { $0.presented = newValue } }
    }

    /// The door it came through.
    package var door: Door {
        get { box.fields.door }
        set { change { $0.door = newValue } }
    }

    /// The peer's address; nil on a local socket.
    package var address: IPAddress? {
        get { box.fields.address }
        set {
            change { fields in
                fields.address = newValue
                fields.addressText = nil
            }
        }
    }

    /// The address as text, where somebody has it already.
    package var addressText: String? { box.fields.addressText }

    /// Takes over where somebody is.
    ///
    /// - Parameter addressText: the address as text, where somebody has it already.
    package mutating func place(door: Door, address: IPAddress?, addressText: String?) {
        change { fields in
            fields.door = door
            fields.address = address
            fields.addressText = addressText
        }
    }

    /// The route's template, such as `GET /v1/values/{path}`: what the audit log says before the caller is known.
    package var route: String {
        get { box.fields.route }
        set { change { $0.route = newValue } }
    }
}

/// Somebody who has been recognised.
package struct Caller: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case accessKey = "access-key"
        case unixUser = "unix-user"
        /// Whoever opened the operator's socket and is the data folder's owner or root.
        case operatorSocket = "operator"
    }

    package var kind: Kind
    /// The access key's id, or the Unix user's number.
    package var id: String
    /// The access key's name, or the Unix user's name.
    package var name: String
    /// The policies it holds, by name.
    package var policies: [String]
    /// The id of the first of an access key's line, which its successors share; empty for others.
    package var lineage = ""
}
