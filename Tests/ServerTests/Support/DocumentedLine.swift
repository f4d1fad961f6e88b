import Audit
import Foundation
import Testing

@testable import Server

/// A row of the table in docs/audit.md: what a call that is allowed leaves in the log.
struct DocumentedLine {
    /// `request`, `intent`, or nil where the call leaves nothing.
    var kind: String?
    var action: String

    /// The rows by `METHOD template`.
    static func all() throws -> [String: DocumentedLine] {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("docs/audit.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let section = try #require(text.components(separatedBy: "\n## What each call leaves\n").last)
        var rows: [String: DocumentedLine] = [:]
        for line in section.components(separatedBy: "\n## ")[0].split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            let words = cells[1].split(separator: " ").map(String.init)
            let row = DocumentedLine(kind: words.count > 1 ? words[0] : nil, action: words.last ?? "")
            for call in cells[0].components(separatedBy: "`, `") {
                rows[call.replacingOccurrences(of: "`", with: "")] = row
            }
        }
        return rows
    }
}
