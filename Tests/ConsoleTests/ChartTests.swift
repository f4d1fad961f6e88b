import Foundation
import Testing
import Usage
import Vault

@testable import Console

/// Charts are numbers made into markup: what they say in pictures they say in words, too.
@Suite struct ChartTests {
    private let day = ChartDay.length
    /// Saturday, 21 November 2026, 12:00.
    private let noon: Int64 = 1_795_262_400_000

    private func text(_ template: [UInt8], _ view: View) throws -> String {
        String(decoding: try Template(template).filled(with: view), as: UTF8.self)
    }

    // MARK: Days and scales

    @Test(
        "A text that is no day names none",
        arguments: ["", "2026-02-30", "2026-11-1", "yesterday", "2026-11-21T00:00:00Z"])
    func noDay(text: String) { #expect(ChartDay(iso: text) == nil) }

    @Test("A day has its date, its weekday and its first moment")
    func days() throws {
        let today = ChartDay(of: noon)
        #expect(today.long == "Saturday, 21 November 2026")
        #expect((today.short, today.iso) == ("21 Nov", "2026-11-21"))
        #expect(today.start == noon - 12 * ChartDay.hour)
        #expect(ChartDay(iso: "2026-11-21") == today)
        #expect(ChartDay(of: -1).iso == "1969-12-31")
        #expect(ChartDay(of: 0).weekday == 3)
        #expect(ChartDay.hourLabel(noon) == "21 Nov, 12:00")
    }

    @Test("A chart's top is a round number that no count exceeds")
    func scales() {
        for (largest, most) in [
            (0, 1), (1, 1), (3, 4), (7, 8), (9, 10), (11, 20), (99, 100), (101, 200), (4_100, 5_000),
        ] {
            #expect(ChartScale([UInt64(largest)]).most == UInt64(most), "\(largest)")
        }
        #expect(ChartScale([]).most == 1)
        #expect(ChartScale([UInt64.max]).most == UInt64.max)
        #expect(ChartScale([UInt64.max]).length(.max, of: 100) == 100)
        #expect(ChartScale([50]).length(25, of: 160) == 80)
    }

    @Test("Lengths have a tenth at most, and counts a gap between thousands")
    func numbers() {
        #expect([0, 1, 12.34, 12.96, -0.5].map(ChartScale.text) == ["0", "1", "12.3", "13", "-0.5"])
        #expect(
            [0, 999, 1_000, 1_234_567].map { ChartScale.grouped($0) } == [
                "0", "999", "1\u{202F}000", "1\u{202F}234\u{202F}567",
            ])
    }

    // MARK: Charts

    private func stacked(_ counts: [[UInt64]]) -> StackedChart {
        StackedChart(
            id: "c", title: "Requests", step: "Day", series: ["Reads", "Refused"],
            columns: counts.enumerated().map {
                .init(label: "Day \($0.offset)", tick: "\($0.offset)", counts: $0.element)
            })
    }

    @Test("A stacked chart with nothing in it says so")
    func stackedEmpty() throws {
        let shown = try text(PackageResources.stacked_mustache, stacked([[0, 0], [0, 0]]).view)
        #expect(shown.contains("Nothing was counted"))
        #expect(!shown.contains("<rect class=\"series-1\" x=\"0\" y"))
        #expect(stacked([]).view["empty"] as? Bool == true)
    }

    @Test("The bars of a stacked chart lie upon each other and end at the chart's foot")
    func stackedBars() throws {
        let view = stacked([[3, 1], [0, 2]]).view
        let bars = try #require(view["bars"] as? [View])
        let first = try #require(bars[0]["parts"] as? [View])
        #expect(first.map { $0["y"] as? String } == ["40", "0"])
        #expect(first.map { $0["height"] as? String } == ["120", "40"])
        let second = try #require(bars[1]["parts"] as? [View])
        #expect(second.count == 1)
        #expect(second[0]["number"] as? Int == 2)
        #expect(second[0]["y"] as? String == "80")
        #expect(bars[0]["name"] as? String == "Day 0: 3 reads, 1 refused")
    }

    @Test("A stacked chart says in words and in a table what it shows, and tells kinds apart by pattern")
    func stackedWords() throws {
        let shown = try text(PackageResources.stacked_mustache, stacked([[3, 1], [0, 2]]).view)
        #expect(shown.contains("In all 3 reads, 3 refused. Most in one day: 4, Day 0."))
        #expect(shown.contains("<th scope=\"row\">Day 1</th><td class=\"number\">0</td><td class=\"number\">2</td>"))
        #expect(shown.contains("fill=\"url(#c-pattern-2)\""))
        #expect(shown.contains("role=\"img\""))
        #expect(!shown.contains("style="))
    }

    @Test("A count of one beside a million can still be seen")
    func least() throws {
        let bars = try #require(stacked([[1_000_000, 1]]).view["bars"] as? [View])
        let parts = try #require(bars[0]["parts"] as? [View])
        #expect(parts[1]["height"] as? String == "1.5")
    }

    @Test("Names in a chart are text")
    func inert() throws {
        let chart = BarRows(
            title: "<b>t</b>", subject: "s", measure: "m",
            rows: [.init(label: "<script>", href: "/x\" onclick=\"y", count: 4, note: "<i>")], nothing: "none")
        let shown = try text(PackageResources.bars_mustache, chart.view)
        #expect(!shown.contains("<script>"))
        #expect(!shown.contains("<b>"))
        #expect(!shown.contains("<i>"))
        #expect(!shown.contains("\" onclick"))
    }

    @Test("Rows of bars are as long as their counts, and none has no bar")
    func barRows() throws {
        let chart = BarRows(
            title: "t", subject: "s", measure: "m",
            rows: [.init(label: "a", count: 10), .init(label: "b", count: 5), .init(label: "c", count: 0)],
            nothing: "none")
        let rows = try #require(chart.view["rows"] as? [View])
        #expect(rows.map { $0["length"] as? String } == ["100", "50", "0"])
        let nobody = BarRows(title: "t", subject: "s", measure: "m", rows: [], nothing: "Nobody.")
        #expect(try text(PackageResources.bars_mustache, nobody.view).contains("Nobody."))
    }

    @Test("A sparkline puts each day in its place and says when most was counted")
    func sparkline() throws {
        let last = ChartDay(of: noon)
        let counts = Sparkline.counts(
            [
                (start: last.start - 31 * day, count: 9), (start: last.start - day, count: 4),
                (start: last.start, count: 2),
            ],
            days: 30, last: last)
        #expect(counts.count == 30)
        #expect(counts.suffix(3) == [0, 4, 2])
        let line = Sparkline(counts: counts, what: "reads", last: last)
        #expect(line.view["summary"] as? String == "6 reads in the last 30 days, most on 20 Nov: 4")
        let none = Sparkline(counts: [0, 0], what: "reads", last: last)
        #expect(none.view["summary"] as? String == "No reads in the last 2 days")
        #expect(try text(PackageResources.sparkline_mustache, line.view).contains("points=\"0,30 "))
    }

    @Test("A key's chart has a column for each of thirty days, the days without any use too")
    func keyUsage() throws {
        var counts = UsageCounts()
        counts.reads = 3
        counts.refusals = ["refused": 2]
        let view = KeyUsageChart.view([(start: ChartDay(of: noon).start, counts: counts)], now: noon)
        let bars = try #require(view["bars"] as? [View])
        #expect(bars.count == 30)
        #expect(bars.last?["name"] as? String == "Saturday, 21 November 2026: 3 reads, 2 refused or failed")
        #expect((bars.first?["parts"] as? [View])?.isEmpty == true)
    }

    @Test("Times fall into classes; half and the slowest hundredth are named")
    func latency() {
        let chart = LatencyClasses.chart([90, 200, 900, 900_000], title: "t")
        #expect(chart.rows.first?.label == "up to 0.1 ms")
        #expect(chart.rows.last?.label == "up to 2.5 s")
        #expect(chart.rows.reduce(0) { $0 + $1.count } == 4)
        #expect(LatencyClasses.chart([], title: "t").rows.isEmpty)
        #expect(LatencyClasses.quantile([], 0.5) == nil)
        #expect(LatencyClasses.quantile([5, 1, 3, 2, 4], 0.5) == 3)
        #expect(LatencyClasses.quantile(Array(1...100), 0.99) == 99)
        #expect(LatencyClasses.words(12_050) == "12.05 ms")
    }

    // MARK: Rotations

    @Test("What is due once, every week, by a schedule and never, within 90 days")
    func dueDates() {
        let end = noon + 90 * day
        #expect(DueDates.times(.whenAsked, first: nil, until: end).isEmpty)
        #expect(DueDates.times(.whenAsked, first: noon + day, until: end) == [noon + day])
        #expect(DueDates.times(.every(7 * day), first: noon + day, until: end).count == 13)
        #expect(DueDates.times(.every(60_000), first: noon, until: end, most: 400).count == 400)
        let monthly = DueDates.times(.schedule("0 3 1 * *"), first: noon + 10 * day - 9 * ChartDay.hour, until: end)
        #expect(monthly.map { ChartDay(of: $0).iso } == ["2026-12-01", "2027-01-01", "2027-02-01"])
        #expect(DueDates.times(.every(day), first: end, until: end).isEmpty)
    }

    @Test("The timeline marks each rotation where its day is, and puts what is late at the left end")
    func timeline() throws {
        let start = ChartDay(of: noon).start
        let line = RotationTimeline(
            now: noon,
            rows: [
                .init(
                    path: "a/b", href: "/x", badge: Badge.view("overdue", .warning),
                    times: [start - 3 * day, start + 45 * day], isOverdue: true),
                .init(path: "c", href: "/y", badge: Badge.view("scheduled", .neutral), times: [], isOverdue: false),
            ])
        let rows = try #require(line.view["rows"] as? [View])
        let marks = try #require(rows[0]["marks"] as? [View])
        #expect(marks.map { $0["x"] as? String } == ["0", "450"])
        #expect(marks.map { $0["late"] as? Bool } == [true, false])
        #expect(rows[0]["words"] as? String == "due since 18 Nov and 1 more in 90 days")
        #expect(rows[1]["words"] as? String == "not by itself")
        #expect(try text(PackageResources.timeline_mustache, line.view).contains("<rect class=\"mark late\""))
    }

    @Test("Rotations that would cover each other on the timeline are one mark")
    func crowded() throws {
        let times = (0..<400).map { noon + Int64($0) * 60_000 }
        let line = RotationTimeline(
            now: noon - day,
            rows: [.init(path: "a", href: "/x", badge: Badge.view("due", .accent), times: times, isOverdue: false)])
        let rows = try #require(line.view["rows"] as? [View])
        #expect((rows[0]["marks"] as? [View])?.count == 1)
    }

    @Test("The calendar has whole weeks from Monday on, today, and a link on each day with rotations")
    func calendar() throws {
        let today = ChartDay(of: noon)
        let calendar = RotationCalendar(
            now: noon, counts: [today.number: 2, today.number - 1: 1, today.number + 12: 1],
            until: today.number + 90
        ) { "/r?day=" + $0.iso }
        let months = calendar.view
        #expect(
            months.map { $0["name"] as? String } == ["November 2026", "December 2026", "January 2027", "February 2027"])
        for month in months {
            let weeks = try #require(month["weeks"] as? [View])
            #expect(weeks.allSatisfy { ($0["days"] as? [View])?.count == 7 })
        }
        let shown = try text(PackageResources.calendar_mustache, ["months": months])
        #expect(shown.contains("href=\"/r?day=2026-11-21\" aria-label=\"Saturday, 21 November 2026: 2 rotations\""))
        #expect(shown.contains("aria-label=\"Thursday, 3 December 2026: 1 rotation\""))
        #expect(shown.contains("class=\"due late\""))
        #expect(shown.components(separatedBy: "aria-current=\"date\"").count == 2)
    }
}
