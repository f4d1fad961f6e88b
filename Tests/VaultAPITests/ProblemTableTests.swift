import Foundation
import Testing
import VaultAPI

@Suite("The table of errors in docs/api.md")
struct ProblemTableTests {
    @Test("It has every code, with its status, its exit code and what it means")
    func table() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/api.md")
        let lines = try String(contentsOf: page.standardized, encoding: .utf8).components(separatedBy: "\n")
        let heading = try #require(lines.firstIndex(of: "| code | status | exit | meaning |"))
        let rows = lines[(heading + 2)...].prefix { $0.hasPrefix("| ") }
        let expected = ProblemCode.allCases.map {
            "| `\($0.rawValue)` | \($0.status) | \($0.exitCode.rawValue) | \($0.title) |"
        }
        #expect(Set(rows) == Set(expected))
        #expect(rows.count == expected.count)
    }
}
