internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn usage`.
struct UsageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage",
        abstract: "Say how often keys are read and by whom, which are unused, and which expire.",
        discussion: """
            Without a path: everything together, which needs the action `audit`. A key's own counts are told to those \
            who may inspect it. Hours are kept for a week, days for 400 days.

              keyturn usage payments/stripe --by hour
              keyturn usage --unused 30d
              keyturn usage --expiring 30d --of issued-keys
              keyturn usage --top callers --measure refusals
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "Where the key is.")
    var path: String?

    @Option(help: "The counts of a caller: access-key:ID, unix-user:NUMBER, or a name.")
    var caller: String?

    @Option(help: "The counts of an issuer; with a list of issued keys, only its own.")
    var issuer: String?

    @Option(help: "The counts of an issued key, by its id.")
    var issuedKey: String?

    @Option(help: "hour or day; day unless said.")
    var by: UsageStep?

    @Option(help: "From this time on: 2026-11-21T00:00:00Z, or how long ago, such as 7d.")
    var since: String?

    @Option(help: "Before this time, said in the same way.")
    var until: String?

    @Option(help: "List the most used: keys, callers or issued-keys.")
    var top: UsageOf?

    @Option(
        help:
            "What the most is of: reads, actions, refusals or verifications (default: reads; verifications of issued keys)."
    )
    var measure: UsageMeasure?

    @Option(help: "List those that were not used for so long, such as 30d.")
    var unused: String?

    @Option(help: "List those that expire within so long, such as 30d.")
    var expiring: String?

    @Option(help: "What --unused and --expiring list: keys or issued-keys; keys unless said.")
    var of: UsageOf?

    @Option(help: "At most so many entries in a list.")
    var limit: Int?

    func run() async throws {
        let search = try search()
        let reply = try await vault.withVault(.application) { try await $0.usage(search) }
        if json.isOn { return try Console.json(reply) }
        if let entries = reply.entries { return try show(entries, of: reply.count ?? entries.count) }
        try show(reply)
    }

    private func search() throws(Failure) -> UsageSearch {
        guard [top?.rawValue, unused, expiring].compactMap({ $0 }).count <= 1 else {
            throw .usage("give one of --top, --unused and --expiring")
        }
        guard [path, caller, issuer, issuedKey].compactMap({ $0 }).count <= 1 else {
            throw .usage("give one of PATH, --caller, --issuer and --issued-key")
        }
        guard limit.map({ $0 > 0 }) ?? true else { throw .usage("--limit takes a number from 1") }
        var search = UsageSearch()
        search.key = try path.map { (path) throws(Failure) in try KeyText.path(path) }
        search.caller = caller
        search.issuer = issuer
        search.issuedKey = issuedKey
        search.by = by
        search.since = try moment(since, "--since")
        search.until = try moment(until, "--until")
        search.top = top
        search.measure = measure
        search.unused = unused
        search.expiring = expiring
        search.of = of
        search.limit = limit
        return search
    }

    /// A time, or how long ago.
    private func moment(_ text: String?, _ option: String) throws(Failure) -> Timestamp? {
        guard let text else { return nil }
        switch try? Expiry(text, option: option) {
        case .at(let moment): return moment
        case .after(let length, _): return Timestamp(milliseconds: max(0, Surroundings.now - length))
        case nil: throw .usage("\(option) takes a time such as 2026-11-21T00:00:00Z, or how long ago, such as 7d")
        }
    }

    // MARK: For people

    private func show(_ reply: UsageReply) throws(Failure) {
        var details = Details()
        details.add("subject", reply.subject ?? "everything")
        details.add("name", reply.name)
        details.add("last used", reply.lastUsed?.description ?? "never")
        details.add("by", reply.lastUsedBy)
        if let total = reply.total { details.add("in all", Self.text(total)) }
        try details.print()
        if let readers = reply.readBy, !readers.isEmpty {
            var table = Table("READ BY", "NAME", "LAST", "READS")
            for reader in readers { table.add(reader.caller, reader.name, "\(reader.last)", "\(reader.reads)") }
            try table.print(orNote: "")
        }
        var table = Table((by ?? .day).heading, "READS", "ACTIONS", "REFUSALS", "VERIFICATIONS")
        for period in reply.periods ?? [] {
            let counts = period.counts
            table.add(
                "\(period.start)", "\(counts.reads)", "\(counts.actions)", UsageText.of(counts.refusals),
                UsageText.of(counts.verifications))
        }
        try table.print(orNote: "nothing was counted in that time")
    }

    private func show(_ entries: [UsageEntry], of count: Int) throws(Failure) {
        if let top {
            var table = Table(top.heading, "NAME", "READS", "ACTIONS", "REFUSALS", "VERIFICATIONS", "LAST USED")
            for entry in entries {
                let counts = entry.counts
                table.add(
                    entry.subject, entry.name, "\(counts?.reads ?? 0)", "\(counts?.actions ?? 0)",
                    "\(counts?.refusals.values.reduce(0, +) ?? 0)",
                    "\(counts?.verifications.values.reduce(0, +) ?? 0)", entry.lastUsed?.description ?? "")
            }
            return try table.print(orNote: "nothing was counted in that time")
        }
        var table = Table((of ?? .keys).heading, "NAME", "CREATED", "EXPIRES", "LAST USED", "BY")
        for entry in entries {
            table.add(
                entry.subject, entry.name, entry.created?.description ?? "", entry.expires?.description ?? "",
                entry.lastUsed?.description ?? "never", entry.lastUsedBy ?? "")
        }
        try table.print(orNote: "none")
        if count > entries.count { Console.note("\(count - entries.count) more; --limit shows them") }
    }

    private static func text(_ total: UsageTotals) -> String {
        var words = ["\(total.reads) reads", "\(total.actions) other actions"]
        if !total.refusals.isEmpty { words.append("refused: \(UsageText.of(total.refusals))") }
        if !total.verifications.isEmpty { words.append("verified: \(UsageText.of(total.verifications))") }
        return words.joined(separator: "; ")
    }
}

/// Counts by code, for people.
enum UsageText {
    static func of(_ counts: [String: UInt64]) -> String {
        counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
}

extension UsageStep {
    var heading: String { self == .hour ? "HOUR" : "DAY" }
}

extension UsageOf {
    fileprivate var heading: String {
        switch self {
        case .keys: "PATH"
        case .callers: "CALLER"
        case .issuedKeys: "ID"
        }
    }
}

extension UsageStep: ExpressibleByArgument {}
extension UsageOf: ExpressibleByArgument {}
extension UsageMeasure: ExpressibleByArgument {}
