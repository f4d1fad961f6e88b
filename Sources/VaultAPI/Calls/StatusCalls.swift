/// The reply of `GET /v1/status`, which is open to all.
package struct StatusReply: Codable, Equatable, Sendable {
    /// Whether the vault has been made, and whether it is open.
    package var state: VaultState
    /// The version of the server.
    package var version: String
    /// Only there, and true, where the vault was unsealed with damage accepted.
    package var readOnly: Bool?
    /// On the operator's socket alone, while the vault is being opened: how many hundredths of the keys have been read.
    package var opening: Int?

    enum CodingKeys: String, CodingKey {
        case state
        case version
        case readOnly = "read_only"
        case opening
    }

    package init(state: VaultState, version: String, readOnly: Bool? = nil, opening: Int? = nil) {
        self.state = state
        self.version = version
        self.readOnly = readOnly
        self.opening = opening
    }
}

/// The reply of `GET /v1/health`, with status 200 when requests are served and 503 when they are not.
package struct HealthReply: Codable, Equatable, Sendable {
    /// `ok`, or one word for what is wrong.
    package var status: String
    /// Each part that was looked at, and a word for how it is.
    package var checks: [String: String]
    /// How the audit log stands.
    package var audit: Audit?
    /// How many keys' rotation wants somebody's attention; not there while the vault is sealed.
    package var rotation: Rotation?

    /// Rotations that do not go by themselves. They do not make a vault unhealthy: it serves all the same.
    package struct Rotation: Codable, Equatable, Sendable {
        /// Keys whose last attempt failed.
        package var failing: Int
        /// Keys that should have been replaced by now.
        package var overdue: Int
        /// Keys that wait for a person.
        package var held: Int
        /// Whether the clock was put so far forward that it is not believed.
        package var clockHeld: Bool
        /// Keys whose last step did not succeed, by the reason; absent where there are none.
        package var errors: [String: Int]?
        /// When a rotation goes on by itself next; absent where none does.
        package var next: Timestamp?

        enum CodingKeys: String, CodingKey {
            case failing, overdue, held, errors, next
            case clockHeld = "clock_held"
        }

        package init(
            failing: Int, overdue: Int, held: Int, clockHeld: Bool, errors: [String: Int]? = nil, next: Timestamp? = nil
        ) {
            self.failing = failing
            self.overdue = overdue
            self.held = held
            self.clockHeld = clockHeld
            self.errors = errors
            self.next = next
        }
    }

    /// How the audit log stands.
    package struct Audit: Codable, Equatable, Sendable {
        /// Whether all entries are on the disk.
        package var synced: Bool
        /// For how long the oldest that is not has waited for it.
        package var unsyncedMilliseconds: Int64
        /// Entries that wait to be written.
        package var waiting: Int
        /// Bytes that remain of what is set aside for a full disk, and what it should be.
        package var reserveBytes: Int64
        package var fullReserveBytes: Int64
        /// Further sinks beside the file; absent where there are none.
        package var sinks: [Sink]?

        /// A further sink.
        package struct Sink: Codable, Equatable, Sendable {
            /// `syslog` or `socket`.
            package var name: String
            /// `mandatory` or `best-effort`.
            package var need: String
            /// Whether it is connected.
            package var up: Bool
            /// Lines that wait for it, and that were dropped since the start.
            package var waiting: Int
            package var dropped: UInt64
            /// What is wrong, where something is.
            package var detail: String?

            package init(
                name: String, need: String, up: Bool, waiting: Int, dropped: UInt64, detail: String? = nil
            ) {
                self.name = name
                self.need = need
                self.up = up
                self.waiting = waiting
                self.dropped = dropped
                self.detail = detail
            }
        }

        enum CodingKeys: String, CodingKey {
            case synced, waiting, sinks
            case unsyncedMilliseconds = "unsynced_milliseconds"
            case reserveBytes = "reserve_bytes"
            case fullReserveBytes = "full_reserve_bytes"
        }

        package init(
            synced: Bool, unsyncedMilliseconds: Int64, waiting: Int, reserveBytes: Int64, fullReserveBytes: Int64,
            sinks: [Sink]? = nil
        ) {
            self.synced = synced
            self.unsyncedMilliseconds = unsyncedMilliseconds
            self.waiting = waiting
            self.reserveBytes = reserveBytes
            self.fullReserveBytes = fullReserveBytes
            self.sinks = sinks
        }
    }

    enum CodingKeys: String, CodingKey {
        case status, checks, audit, rotation
    }

    package init(status: String, checks: [String: String], audit: Audit? = nil, rotation: Rotation? = nil) {
        self.status = status
        self.checks = checks
        self.audit = audit
        self.rotation = rotation
    }
}

/// The reply of `GET /v1/whoami`: the caller as the server sees it.
package struct WhoAmIReply: Codable, Equatable, Sendable {
    /// How the server knows.
    package var kind: CallerKind
    /// The id of the access key, or the number of the Unix user.
    package var id: String
    /// The name of either.
    package var name: String
    /// The policies that the caller holds.
    package var policies: [String]

    enum CodingKeys: String, CodingKey {
        case kind, id, name, policies
    }

    package init(kind: CallerKind, id: String, name: String, policies: [String]) {
        self.kind = kind
        self.id = id
        self.name = name
        self.policies = policies
    }
}
