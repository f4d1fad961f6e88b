import Foundation
import Testing

/// A page of the documentation, taken apart into what a test can look at.
struct DocumentPage: Sendable, CustomTestStringConvertible {
    /// Where the package is.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// From the root of the package: `docs/api.md`.
    let name: String
    let lines: [String]

    init(_ name: String) throws {
        self.name = name
        let text = try String(contentsOf: Self.root.appendingPathComponent(name), encoding: .utf8)
        lines = text.components(separatedBy: "\n")
    }

    var testDescription: String { name }

    /// The pages in `folders`, by name.
    static func all(in folders: [String]) throws -> [DocumentPage] {
        try folders.flatMap { folder in
            try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(folder).path)
                .filter { $0.hasSuffix(".md") }.sorted().map { folder == "." ? $0 : folder + "/" + $0 }
        }.map { try DocumentPage($0) }
    }
}

extension DocumentPage {
    /// A piece of a page, in order.
    enum Piece {
        /// A fenced block: what follows the fence, and its lines.
        case block(info: String, lines: [String], at: Int)
        /// Any other line that is not empty.
        case line(String, at: Int)
    }

    var pieces: [Piece] {
        var pieces: [Piece] = []
        var open: (info: String, lines: [String], at: Int)?
        for (number, line) in zip(1..., lines) {
            if line.hasPrefix("```") {
                if let block = open {
                    pieces.append(.block(info: block.info, lines: block.lines, at: block.at))
                    open = nil
                } else {
                    open = (String(line.dropFirst(3)), [], number)
                }
            } else if open != nil {
                open?.lines.append(line)
            } else if !line.isEmpty {
                pieces.append(.line(line, at: number))
            }
        }
        return pieces
    }

    /// What follows the fences.
    var infos: [String] {
        pieces.compactMap { if case .block(let info, _, _) = $0 { info } else { nil } }
    }

    /// The lines outside of blocks.
    var prose: [String] {
        pieces.compactMap { if case .line(let line, _) = $0 { line } else { nil } }
    }

    /// What stands between single backquotes, outside of blocks.
    var spans: [String] {
        prose.flatMap { line in
            line.components(separatedBy: "`").enumerated().compactMap { $0.offset % 2 == 1 ? $0.element : nil }
        }
    }

    /// What the links outside of blocks lead to.
    var links: [String] {
        prose.flatMap { line in
            line.components(separatedBy: "](").dropFirst().compactMap { $0.components(separatedBy: ")").first }
        }
    }

    /// The names under which a link reaches a heading: lower case, spaces as hyphens, punctuation left out.
    var anchors: Set<String> {
        Set(
            prose.filter { $0.hasPrefix("#") }.map { heading in
                heading.drop { $0 == "#" || $0 == " " }.lowercased()
                    .filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" }
                    .replacingOccurrences(of: " ", with: "-")
            })
    }
}
