internal import SecretMemory

/// What an import will do, to be shown before it is done. Nothing that prints it shows a value.
package struct ImportPlan: Sendable, CustomStringConvertible {
    /// A key that will be written.
    package struct Item: Sendable {
        package let name: String
        package let path: String
        package let lines: ClosedRange<Int>
        /// At least one.
        package let fields: [ImportField]
    }

    /// A name that will not be written, because its value is empty.
    package struct Skipped: Sendable, Equatable {
        package let name: String
        package let line: Int
    }

    /// What becomes of a name whose value is empty.
    package enum EmptyValues: Sendable {
        /// It is left out, and listed: an API key of no characters is none.
        case skipped
        /// It is written like any other.
        case imported
    }

    package let rule: PathRule
    /// In the order of the file; no path twice.
    package let items: [Item]
    package let skipped: [Skipped]
    package let notes: [ImportNote]

    /// Gives every name of `file` its path.
    ///
    /// The paths follow the grammar of paths; whether the caller may write there and what is there already is for the
    /// vault to say.
    ///
    /// - Throws: ``ImportPlanError`` with everything that is wrong: two names on one path, a mapping of a name that the
    ///   file does not have, a name without a path, a key of which only some fields are empty. No plan is made then.
    package init(
        _ file: ImportFile, rule: PathRule, emptyValues: EmptyValues = .skipped
    ) throws(ImportPlanError) {
        var problems: [ImportPlanProblem] = []
        var items: [Item] = []
        var skipped: [Skipped] = []
        var namesOfPath: [String: [String]] = [:]
        let known = Set(file.entries.map(\.name))
        for name in rule.mappings.keys.sorted() where !known.contains(name) {
            problems.append(.unknownName(name: name))
        }
        for entry in file.entries {
            let empty = emptyValues == .skipped ? entry.fields.filter { $0.value.count == 0 } : []
            if empty.count == entry.fields.count {
                skipped.append(Skipped(name: entry.name, line: entry.lines.lowerBound))
                continue
            }
            problems += empty.map { .emptyField(name: entry.name, field: $0.name) }
            do {
                let path = try rule.path(of: entry.name)
                namesOfPath[path, default: []].append(entry.name)
                items.append(Item(name: entry.name, path: path, lines: entry.lines, fields: entry.fields))
            } catch {
                problems.append(error)
            }
        }
        for item in items {
            guard let names = namesOfPath.removeValue(forKey: item.path), names.count > 1 else { continue }
            problems.append(.collision(path: item.path, names: names))
        }
        guard problems.isEmpty else { throw ImportPlanError(problems: problems) }
        self.rule = rule
        self.items = items
        self.skipped = skipped
        let written = Set(items.map(\.name))
        notes = file.notes.filter { written.contains($0.name) }
    }

    /// The rule, a line for each key with the lengths of its fields, what is skipped, and the notes.
    package var description: String {
        var lines = [rule.sentence]
        let width = items.map(\.name.utf8.count).max() ?? 0
        for item in items {
            let padding = String(repeating: " ", count: width - item.name.utf8.count)
            lines.append("  \(item.name)\(padding)  ->  \(item.path)  (\(Self.lengths(item.fields)))")
        }
        for one in skipped { lines.append("  skipped: \(one.name) on line \(one.line) is empty") }
        for note in notes { lines.append("  note: \(note)") }
        return lines.joined(separator: "\n")
    }

    private static func lengths(_ fields: [ImportField]) -> String {
        fields.map { field in
            let length = field.value.count == 1 ? "1 byte" : "\(field.value.count) bytes"
            return fields.count == 1 && field.name == ImportField.mainName ? length : "\(field.name): \(length)"
        }.joined(separator: ", ")
    }
}
