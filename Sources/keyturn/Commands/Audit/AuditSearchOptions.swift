internal import ArgumentParser
internal import IssuedKeys
internal import KeyturnClient
internal import VaultAPI

/// What of an entry has to match.
struct AuditSearchOptions: ParsableArguments {
    @Option(help: "The caller's id or name.")
    var caller: String?

    @Option(help: "The key's path; with `/**` at its end, the keys at and below it.")
    var key: String?

    @Option(help: "Only keys at and below this path.")
    var prefix: String?

    @Option(help: "What was asked for, such as retrieve.")
    var action: String?

    @Option(help: "allowed, refused, failed or unknown.")
    var outcome: AuditOutcome?

    @Option(help: "The error's code, such as refused or unauthorized.")
    var code: String?

    @Option(help: "Where it came from: an IP address, or unix.")
    var from: String?

    @Option(help: "The issuer's name.")
    var issuer: String?

    @Option(help: "The id of an issued key that was acted on.")
    var issuedKey: String?

    @Option(help: "At this time and later: 2026-11-01T00:00:00Z, or how long ago, such as 24h.")
    var since: String?

    @Option(help: "Before this time.")
    var until: String?

    /// - Parameter now: milliseconds since 1970.
    /// - Throws: a usage failure that names the option.
    func search(now: Int64) throws(Failure) -> AuditSearch {
        var search = AuditSearch()
        search.caller = caller
        search.key = key
        search.prefix = prefix
        search.action = action
        search.outcome = outcome
        search.code = code
        search.address = from
        search.issuer = issuer
        search.issuedKey = issuedKey
        search.since = try since.map { (text) throws(Failure) in try Self.moment(text, "--since", now) }
        search.until = try until.map { (text) throws(Failure) in try Self.moment(text, "--until", now) }
        return search
    }

    private static func moment(_ text: String, _ option: String, _ now: Int64) throws(Failure) -> Timestamp {
        if let moment = Timestamp(parsing: text) { return moment }
        guard let length = try? DurationText.milliseconds(text) else {
            throw .usage("\(option) takes a time such as 2026-11-01T00:00:00Z, or how long ago, such as 24h")
        }
        return Timestamp(milliseconds: max(0, now - min(length, now)))
    }
}

extension AuditOutcome: ExpressibleByArgument {}
