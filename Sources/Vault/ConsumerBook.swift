internal import FoundationEssentials
internal import Sealing

/// Who fetched which version of a key that is rotated last.
struct ConsumerBook: Sendable {
    struct ID: Hashable, Sendable {
        /// `access-key:<lineage>`, `unix-user:<number>` or ``ConsumerBook/unknown``.
        var caller: String
        var instance: String
    }
    struct Use: Sendable, Equatable {
        var version: UInt32
        var seen: Timestamp
    }

    /// Whoever fetched a version without anybody knowing: before the rotation was set up, or before an unclean end.
    static let unknown = "unknown"

    private(set) var uses: [ID: Use] = [:]

    init() {}

    init(_ stored: [Records.Consumer]) {
        for consumer in stored {
            uses[ID(caller: consumer.caller, instance: consumer.instance)] = Use(
                version: consumer.version, seen: Timestamp(consumer.seen))
        }
    }

    /// As a record has it.
    var stored: [Records.Consumer] {
        uses.sorted { ($0.key.caller, $0.key.instance) < ($1.key.caller, $1.key.instance) }.map { id, use in
            var consumer = Records.Consumer()
            consumer.caller = id.caller
            consumer.instance = id.instance
            consumer.version = use.version
            consumer.seen = UInt64(max(use.seen, 0))
            return consumer
        }
    }

    /// Somebody has a version now. What is current is what they go on with; an older one is fetched beside it.
    ///
    /// - Returns: whether that may let a retirement go on.
    mutating func fetched(_ version: UInt32, isCurrent: Bool, by id: ID, at now: Timestamp) -> Bool {
        guard let before = uses[id] else {
            if uses.count >= VaultLimits.consumers {
                mayHaveBeenFetched(version, at: now)
            } else {
                uses[id] = Use(version: version, seen: now)
            }
            return false
        }
        uses[id] = Use(version: isCurrent ? version : before.version, seen: max(now, before.seen))
        return isCurrent && before.version != version
    }

    /// Somebody may have this version, and nobody knows who.
    mutating func mayHaveBeenFetched(_ version: UInt32, at now: Timestamp) {
        // One for each version, so that what is said of one stays when another comes.
        uses[ID(caller: Self.unknown, instance: String(version))] = Use(version: version, seen: now)
    }

    /// Forgets those whose version has no stage any more.
    mutating func keep(_ versions: [UInt32]) { uses = uses.filter { versions.contains($0.value.version) } }
}

extension Caller {
    /// How consumers are told apart: an access key by the first of its line.
    var consumer: String {
        kind == .accessKey ? "access-key:\(lineage.isEmpty ? id : lineage)" : "unix-user:\(id)"
    }
}
