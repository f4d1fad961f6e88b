internal import Audit
internal import VaultAPI

/// Prints lines of the audit log, one after the other, so that none has to be held.
struct AuditOutput {
    enum Format {
        /// Columns for people.
        case table
        /// The lines as they stand in the log: printable ASCII, JSON each.
        case json
        case csv
    }

    let format: Format
    private var hasBegun = false

    init(format: Format) { self.format = format }

    mutating func write(_ lines: some Sequence<String>) throws(Failure) {
        for line in lines {
            // What a server sends is checked, too: it reaches a terminal.
            guard let record = AuditRecord(line: line) else {
                throw Failure(.failed, "a line that came is no entry of an audit log")
            }
            try begin()
            switch format {
            case .table: try Console.out(AuditRow.text(AuditRow.cells(record)))
            case .json: try Console.out(record.line)
            case .csv: try AuditCSV.write(AuditCSV.cells(record))
            }
        }
    }

    /// Says so where there was nothing; a table of sums has its first row all the same.
    mutating func finish() throws(Failure) {
        if format == .csv { try begin() }
        if !hasBegun, format == .table { Console.note("no entries") }
    }

    private mutating func begin() throws(Failure) {
        guard !hasBegun else { return }
        hasBegun = true
        switch format {
        case .table: try Console.out(AuditRow.text(AuditRow.headings))
        case .json: break
        case .csv: try AuditCSV.write(AuditCSV.headings)
        }
    }
}

/// An entry as a row for people. Columns have a least width each, since the rows to come are not known.
enum AuditRow {
    static let headings = ["SEQ", "TIME", "OUTCOME", "ACTION", "CALLER", "KEY", "CODE", "FROM"]
    private static let widths = [8, 24, 7, 14, 20, 32, 12, 0]

    static func cells(_ record: AuditRecord) -> [String] {
        var target = record.key ?? ""
        if let issuer = record.issuer { target = issuer + (record.issuedKey.map { "/\($0)" } ?? "") }
        if let version = record.version { target += " v\(version)" }
        let times = record.count.map { " ×\($0)" } ?? ""
        let kind = record.kind == "request" || record.kind == "event" ? "" : " (\(record.kind))"
        return [
            String(record.sequence), record.timeText, record.outcome, record.action + kind,
            record.callerName ?? record.caller ?? record.callerKind, target, (record.code ?? "") + times,
            record.address ?? "",
        ]
    }

    /// One line, in which nothing commands a terminal.
    static func text(_ cells: [String]) -> String {
        var line = ""
        for (cell, width) in zip(cells.map(Inert.line), widths) {
            line += cell + String(repeating: " ", count: max(0, width - cell.count) + 2)
        }
        while line.last == " " { line.removeLast() }
        return line
    }
}
