/// A table whose last column is a bar: the most read keys, say, or how long requests took. For the partial `bars`.
struct BarRows {
    struct Row {
        var label: String
        /// Where the label leads; nil: nowhere.
        var href: String?
        var count: UInt64
        /// Beside the label.
        var note: String?
    }

    var title: String
    /// The headings of the columns.
    var subject: String
    var measure: String
    var rows: [Row]
    /// What is said where there are no rows.
    var nothing: String

    private static let width = 100.0

    var view: View {
        let scale = ChartScale(rows.map(\.count))
        return [
            "title": title, "subject": subject, "measure": measure, "nothing": nothing, "empty": rows.isEmpty,
            "rows": rows.map { row -> View in
                [
                    "label": row.label, "href": row.href.shown, "count": ChartScale.grouped(row.count),
                    "note": row.note.shown,
                    "length": ChartScale.text(row.count == 0 ? 0 : max(0.6, scale.length(row.count, of: Self.width))),
                ]
            },
        ]
    }
}
