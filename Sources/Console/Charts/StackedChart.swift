/// Counts over time: a bar for each hour or day, in which the kinds lie upon each other, told apart by patterns and not by
/// colour alone. For the partial `stacked`, which has a legend, and a table for those who see no picture.
struct StackedChart {
    /// One bar.
    struct Column {
        /// `21 November 2026`.
        var label: String
        /// For the axis: `21 Nov`.
        var tick: String
        /// One for each series.
        var counts: [UInt64]

        var total: UInt64 { counts.reduce(0, { $0 &+ $1 }) }
    }

    /// Unlike any other chart's on the page: letters, digits and hyphens.
    var id: String
    var title: String
    /// What the columns are: `Day`.
    var step: String
    /// At most 4, from the bottom up: there are as many patterns.
    var series: [String]
    var columns: [Column]

    private static let width = 1000.0
    private static let height = 160.0

    var view: View {
        let scale = ChartScale(columns.map(\.total))
        return [
            "id": id, "title": title, "step": step, "summary": summary,
            "series": series.indices.map { index -> View in
                [
                    "number": index + 1, "name": series[index], "total": ChartScale.grouped(total(index)),
                ]
            },
            "patterns": (1...4).map { number -> View in
                ["number": number, "stripes": number == 2, "dots": number == 3, "lattice": number == 4]
            },
            "most": ChartScale.grouped(scale.most),
            "half": scale.most > 1 ? ChartScale.grouped(scale.most / 2) : false as Any,
            "bars": columns.indices.map { bar($0, scale) },
            "ticks": ticks, "rows": columns.map { row($0) }, "empty": columns.allSatisfy { $0.total == 0 },
        ]
    }

    private func total(_ index: Int) -> UInt64 { columns.reduce(0) { $0 &+ $1.counts[index] } }

    private func bar(_ place: Int, _ scale: ChartScale) -> View {
        let step = Self.width / Double(max(columns.count, 1))
        let gap = min(step * 0.2, 6)
        var top = Self.height
        let column = columns[place]
        let parts = series.indices.compactMap { index -> View? in
            guard column.counts[index] > 0 else { return nil }
            // What is there can be seen, however little it is.
            let height = max(1.5, scale.length(column.counts[index], of: Self.height))
            top = max(0, top - height)
            return [
                "y": ChartScale.text(top), "height": ChartScale.text(height), "number": index + 1,
            ]
        }
        return [
            "x": ChartScale.text(Double(place) * step + gap / 2), "width": ChartScale.text(max(step - gap, 0.5)),
            "parts": parts, "name": words(column),
        ]
    }

    /// `21 November 2026: 5 reads, 1 refused`.
    private func words(_ column: Column) -> String {
        let counts = series.indices.filter { column.counts[$0] > 0 }
            .map { "\(ChartScale.grouped(column.counts[$0])) \(series[$0].lowercased())" }
        return column.label + ": " + (counts.isEmpty ? "none" : counts.joined(separator: ", "))
    }

    private func row(_ column: Column) -> View {
        ["label": column.label, "cells": column.counts.map { ChartScale.grouped($0) }]
    }

    /// The first, the middle and the last column.
    private var ticks: [String] {
        guard let first = columns.first, let last = columns.last, columns.count > 1 else { return columns.map(\.tick) }
        return columns.count < 5 ? [first.tick, last.tick] : [first.tick, columns[columns.count / 2].tick, last.tick]
    }

    private var summary: String {
        let all = series.indices.map { "\(ChartScale.grouped(total($0))) \(series[$0].lowercased())" }
        guard let most = columns.max(by: { $0.total < $1.total }), most.total > 0 else { return "Nothing was counted." }
        return "In all " + all.joined(separator: ", ") + ". Most in one \(step.lowercased()): "
            + "\(ChartScale.grouped(most.total)), \(most.label)."
    }
}
