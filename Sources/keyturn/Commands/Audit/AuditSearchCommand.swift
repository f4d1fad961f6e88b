internal import ArgumentParser
internal import Audit
internal import KeyturnClient
internal import VaultAPI

/// `keyturn audit search`.
struct AuditSearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Find entries of the audit log, the newest first.",
        discussion: """
            Needs the action `audit`. What is given must all match. With --log no server is asked: the files in the folder \
            are read, and nothing in them is verified.

              keyturn audit search --key 'payments/**' --since 24h
              keyturn audit search --caller payments-service --outcome refused
              keyturn audit search --since 2026-11-01T00:00:00Z --all --csv > november.csv
              keyturn audit search --follow --json
              keyturn audit search --log /srv/copies/audit --code refused
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var wanted: AuditSearchOptions
    @OptionGroup var json: JSONOption

    @Flag(help: "Print CSV (RFC 4180), for a table of sums.")
    var csv = false

    @Option(help: "At most so many (default: 100; with --follow, 10 of those that are there).")
    var limit: Int?

    @Flag(help: "All that match.")
    var all = false

    @Flag(help: "Then print entries as they arrive, until stopped.")
    var follow = false

    @Option(help: "Search the log in this folder, without a server.", completion: .directory)
    var log: String?

    func run() async throws {
        let search = try wanted.search(now: WallClock.milliseconds())
        let most = try most()
        var output = AuditOutput(format: json.isOn ? .json : csv ? .csv : .table)
        if let log {
            let reader = SearchedFolder(try SearchedFolder.open(log), search)
            try await print(most, to: &output) { try reader.page($0, before: $1) }
            return
        }
        let target = vault
        try await target.withVault(.application) { vault in
            guard follow else {
                return try await print(most, to: &output) { try await vault.audit(search, limit: $0, cursor: $1) }
            }
            try await follow(vault, search, most ?? 10, to: &output)
        }
    }

    /// How many entries are wanted; nil: all.
    private func most() throws(Failure) -> Int? {
        guard limit.map({ $0 > 0 }) ?? true else { throw .usage("--limit takes a number from 1") }
        if all, limit != nil { throw .usage("say --limit or --all") }
        if json.isOn, csv { throw .usage("say --json or --csv") }
        if follow, all { throw .usage("--follow starts with the last --limit entries, not with all") }
        if follow, log != nil { throw .usage("--follow asks a server; --log has none") }
        if follow, wanted.until != nil { throw .usage("--follow waits for what is to come; leave out --until") }
        return all ? nil : limit ?? (follow ? 10 : 100)
    }

    /// Prints page after page as they come, so that nothing has to be held.
    private func print(
        _ most: Int?, to output: inout AuditOutput,
        _ fetch: (_ size: Int, _ cursor: String?) async throws -> AuditLineReply
    ) async throws {
        var cursor: String?
        var unreadable = 0
        var left = most ?? .max
        repeat {
            let reply = try await fetch(min(left, Pages.size), cursor)
            try output.write(reply.lines)
            left -= reply.lines.count
            unreadable += reply.unreadable
            // A server that gives the same cursor again would keep us here for ever.
            guard reply.cursor != cursor else { break }
            cursor = reply.cursor
        } while cursor != nil && left > 0
        try output.finish()
        if cursor != nil { Console.note("there may be more: --limit N or --all") }
        warn(unreadable)
    }

    private func follow(
        _ vault: KeyturnVault, _ search: AuditSearch, _ most: Int, to output: inout AuditOutput
    ) async throws {
        var lines: [String] = []
        var cursor: String?
        var after: String?
        repeat {
            let reply = try await vault.audit(search, limit: min(most - lines.count, Pages.size), cursor: cursor)
            lines += reply.lines
            after = after ?? reply.after
            warn(reply.unreadable)
            guard reply.cursor != cursor else { break }
            cursor = reply.cursor
        } while cursor != nil && lines.count < most
        try output.write(lines.reversed())
        var next = after ?? "0"
        while true {
            let began = ContinuousClock.now
            let reply = try await vault.audit(search, limit: Pages.size, after: next, wait: 30)
            try output.write(reply.lines)
            warn(reply.unreadable)
            next = reply.after
            // Each call is an entry itself: no more than one in a second.
            if !reply.hasMore { try await Task.sleep(until: began + .seconds(1), clock: .continuous) }
        }
    }

    private func warn(_ unreadable: Int) {
        guard unreadable > 0 else { return }
        Console.note("\(unreadable) line(s) of the log could not be read; have it verified")
    }
}

/// A folder with a log in it, read without a server.
struct SearchedFolder {
    private let reader: AuditReader
    private let search: AuditSearch

    init(_ reader: AuditReader, _ search: AuditSearch) {
        self.reader = reader
        self.search = search
    }

    static func open(_ folder: String) throws(Failure) -> AuditReader {
        do throws(AuditError) { return try AuditReader(folder: folder, name: "--log") } catch {
            throw Failure(.failed, "--log: the folder cannot be read")
        }
    }

    func page(_ size: Int, before cursor: String?) throws(Failure) -> AuditLineReply {
        var filter = AuditFilter()
        filter.caller = search.caller
        if let key = search.key, key.hasSuffix("/**") {
            filter.keyUnder = String(key.dropLast(3))
        } else {
            filter.key = search.key
            filter.keyUnder = search.prefix.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        }
        filter.action = search.action
        filter.outcome = search.outcome?.rawValue
        filter.code = search.code
        filter.address = search.address
        filter.issuer = search.issuer
        filter.issuedKey = search.issuedKey
        filter.since = search.since?.milliseconds
        filter.until = search.until?.milliseconds
        filter.before = cursor.flatMap { UInt64($0) }
        filter.limit = size
        do throws(AuditError) {
            let page = try reader.search(filter)
            return AuditLineReply(
                lines: page.records.map(\.line), cursor: page.next.map { String($0) }, after: String(page.after),
                hasMore: page.hasMore, unreadable: page.unreadable)
        } catch {
            throw Failure(.failed, "the log cannot be read: \(error)")
        }
    }
}
