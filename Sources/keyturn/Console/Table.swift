/// Columns of text for people; a program reads `--json`.
struct Table {
    private var rows: [[String]]

    init(_ headings: String...) { rows = [headings] }

    var isEmpty: Bool { rows.count == 1 }

    /// Every cell is made inert, so that each row stays one line.
    mutating func add(_ cells: String...) { rows.append(cells.map(Inert.line)) }

    /// The lines, each column as wide as its widest cell, without blanks at the end of a line.
    var lines: [String] {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                if column < row.count - 1 { line += String(repeating: " ", count: widths[column] - cell.count + 2) }
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    /// Prints the table, or a note where it has no rows.
    func print(orNote note: String) throws(Failure) {
        guard !isEmpty else { return Console.note(note) }
        for line in lines { try Console.out(line) }
    }
}

/// Names and values below each other, for one thing.
struct Details {
    private var entries: [(name: String, value: String)] = []

    /// Adds a line where there is a value.
    mutating func add(_ name: String, _ value: String?) {
        if let value, !value.isEmpty { entries.append((name, Inert.line(value))) }
    }

    var lines: [String] {
        let width = entries.map(\.name.count).max() ?? 0
        return entries.map { $0.name + ":" + String(repeating: " ", count: width - $0.name.count + 1) + $0.value }
    }

    func print() throws(Failure) {
        for line in lines { try Console.out(line) }
    }
}
