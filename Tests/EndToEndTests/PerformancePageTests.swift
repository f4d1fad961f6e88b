import Foundation
import TestThreads
import Testing

/// docs/performance.md shows the measurements in docs/performance.json, and no others.
@Suite(.blocks, .timeLimit(.minutes(20))) struct PerformancePageTests {
    private static let root = DocumentPage.root.path
    private static let measurements = root + "/docs/performance.json"

    private func python(_ arguments: [String]) throws -> String {
        let ended = try run(
            "/usr/bin/python3", arguments,
            environment: [
                "PATH": "/usr/bin:/bin", "PYTHONPATH": Self.root + "/Benchmarks/driver", "PYTHONDONTWRITEBYTECODE": "1",
            ])
        try #require(ended.code == 0, "\(ended.errors)")
        return ended.output
    }

    @Test("The chart is what is drawn from them")
    func chart() throws {
        let drawn = try python([Self.root + "/Benchmarks/driver/chart.py", Self.measurements])
        let shown = try String(contentsOfFile: Self.root + "/docs/images/performance.svg", encoding: .utf8)
        #expect(drawn == shown)
    }

    @Test("Every line of the table is on the page, as `scripts/bench` prints it")
    func table() throws {
        let program = "import json, sys, table; print(table.text(json.load(open(sys.argv[1]))))"
        let lines = try python(["-c", program, Self.measurements]).split(separator: "\n").filter { $0.hasPrefix("|") }
        let page = try String(contentsOfFile: Self.root + "/docs/performance.md", encoding: .utf8)
        let shown = Set(page.split(separator: "\n"))
        #expect(lines.count > 20)
        #expect(lines.filter { !shown.contains($0) } == [])
    }
}
