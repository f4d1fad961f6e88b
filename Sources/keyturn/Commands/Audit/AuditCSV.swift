internal import Audit

/// Entries as CSV (RFC 4180): every cell in quotes, lines ended by CR and LF, the names of the fields in the first one.
///
/// A cell that a table of sums would take for a formula is made inert: one that begins with `=`, `+`, `-` or `@`, be it in
/// their wide forms, gets an apostrophe before it. Line breaks and other characters that command something are
/// written as escapes such as `\n`, so that each entry is one line.
enum AuditCSV {
    static let headings = [
        "seq", "time", "kind", "outcome", "action", "caller_kind", "caller", "caller_name", "address", "key", "issuer",
        "issued_key", "version", "code", "decision", "detail", "digest", "generation", "route", "count", "micros",
        "hash", "target",
    ]

    static func cells(_ record: AuditRecord) -> [String] {
        let numbers = [record.version, record.generation, record.count, record.duration].map { number in
            number.map { String($0) } ?? ""
        }
        return [
            String(record.sequence), record.timeText, record.kind, record.outcome, record.action, record.callerKind,
            record.caller ?? "", record.callerName ?? "", record.address ?? "", record.key ?? "", record.issuer ?? "",
            record.issuedKey ?? "", numbers[0], record.code ?? "", record.decision ?? "", record.detail ?? "",
            record.digest ?? "", numbers[1], record.route ?? "", numbers[2], numbers[3], "\(record.hash)",
            record.target ?? "",
        ]
    }

    /// One line, its end included.
    static func line(_ cells: [String]) -> String {
        cells.map { #"""# + inert($0).replacing(#"""#, with: #""""#) + #"""# }.joined(separator: ",") + "\r\n"
    }

    static func write(_ cells: [String]) throws(Failure) {
        let text = line(cells)
        unsafe try Console.out(bytes: text.utf8Span.span.bytes)
    }

    static func inert(_ cell: String) -> String {
        let cell = Inert.line(cell)
        guard let first = cell.unicodeScalars.first else { return cell }
        // U+FF1D, U+FF0B, U+FF0D and U+FF20 are the wide forms.
        let begins = "=+-@\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}".unicodeScalars.contains(first)
        return begins ? "'" + cell : cell
    }
}
