import Foundation
import Testing

@testable import Policy

@Suite("What ships with the program")
struct ShippedFilesTests {
    /// A fenced block of the document: the words after the fence, and its text.
    private struct Block {
        let words: String
        let text: String
    }

    private static func files() throws -> [(name: String, text: String)] {
        let folder = repository.appending(path: "policies")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".yaml") }.sorted()
            .map { ($0, try String(contentsOf: folder.appending(path: $0), encoding: .utf8)) }
    }

    private static func blocks() throws -> [Block] {
        let text = try String(contentsOf: repository.appending(path: "docs/policies.md"), encoding: .utf8)
        var blocks: [Block] = []
        var open: (words: String, lines: [Substring])?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                if let block = open {
                    blocks.append(Block(words: block.words, text: block.lines.joined(separator: "\n")))
                    open = nil
                } else {
                    open = (String(line.dropFirst(3)), [])
                }
            } else {
                open?.lines.append(line)
            }
        }
        return blocks
    }

    @Test("The files in policies/ load together, each with a description and with tests of both kinds")
    func shipped() throws {
        let files = try ShippedFilesTests.files()
        let policies = try PolicySet.load(files: files)
        #expect(policies.names == ["administrator", "auditor", "operator", "payments-service", "rotation-service"])
        for (name, text) in files {
            let policy = try PolicyFile.parse(file: name, text: text)
            #expect(policy.description != nil)
            #expect(policy.tests.contains { $0.expected == .allow })
            #expect(policy.tests.contains { $0.expected == .deny })
            #expect(text.hasPrefix("# "))
        }
        #expect(policies.policies(forUnixUser: "payments") == ["payments-service"])
    }

    @Test("An operator of the shipped set reads no value and makes no administrator")
    func operatorIsBounded() throws {
        let policies = try PolicySet.load(files: ShippedFilesTests.files())
        #expect(!policies.decide(["operator"], .retrieve, try key("payments/stripe")).allowed)
        for granted in ["administrator", "operator"] {
            #expect(!policies.decideGrant(["operator"], of: granted).allowed)
        }
        for granted in ["payments-service", "auditor"] {
            #expect(policies.decideGrant(["operator"], of: granted).allowed)
        }
    }

    @Test("An auditor of the shipped set changes nothing, whatever else is held")
    func auditorIsBounded() throws {
        let policies = try PolicySet.load(files: ShippedFilesTests.files())
        let held = ["administrator", "operator", "payments-service", "rotation-service", "auditor"]
        for action in Action.allCases where action.kind == .keys && action != .list && action != .inspect {
            #expect(!policies.decide(held, action, try key("payments/stripe")).allowed)
        }
        #expect(!policies.decide(held, .administer, .vault).allowed)
        #expect(!policies.decideGrant(held, of: "auditor").allowed)
    }

    @Test("Every example in docs/policies.md loads, or is refused with the errors shown beneath it")
    func examples() throws {
        let blocks = try ShippedFilesTests.blocks()
        var loaded = 0
        var refused = 0
        for (index, block) in blocks.enumerated() {
            switch block.words {
            case "yaml":
                _ = try PolicySet.load(files: [("example.yaml", block.text)])
                loaded += 1
            case "yaml refused":
                let expected = try #require(index + 1 < blocks.count ? blocks[index + 1] : nil)
                #expect(expected.words == "text")
                do {
                    _ = try PolicySet.load(files: [("example.yaml", block.text)])
                    Issue.record("an example that should be refused was loaded")
                } catch {
                    #expect(error.description == expected.text)
                }
                refused += 1
            case "text", "text explained": break
            default: Issue.record("a block of a kind that no test looks at: \(block.words)")
            }
        }
        #expect(loaded >= 3)
        #expect(refused >= 2)
    }

    @Test("The explanations in docs/policies.md are those of its first example")
    func explanations() throws {
        let blocks = try ShippedFilesTests.blocks()
        let first = try #require(blocks.first { $0.words == "yaml" })
        let policies = try PolicySet.load(files: [("payments.yaml", first.text)])
        let shown = blocks.filter { $0.words == "text explained" }.map(\.text)
        let held = ["payments-service"]
        #expect(
            shown == [
                policies.explain(held, .retrieve, try key("payments/stripe/root")).text,
                policies.explain(held, .rotate, try key("payments/stripe")).text,
            ])
    }

    @Test("The tables of docs/policies.md name every action, and its patterns match as they say")
    func tables() throws {
        let text = try String(contentsOf: repository.appending(path: "docs/policies.md"), encoding: .utf8)
        for action in Action.allCases { #expect(text.contains("`\(action.rawValue)`")) }
        var rows = 0
        var inTable = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("| pattern |") { inTable = true }
            if line.isEmpty { inTable = false }
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map { cell in
                cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                    .filter { $0.offset % 2 == 1 }.map { String($0.element) }
            }
            guard inTable, cells.count == 5, let name = cells[1].first else { continue }
            let pattern = try PathPattern(parsing: name)
            for matching in cells[2] { #expect(pattern.matches(try path(matching)), "\(name) \(matching)") }
            for other in cells[3] { #expect(!pattern.matches(try path(other)), "\(name) \(other)") }
            rows += 1
        }
        #expect(rows == 7)
    }
}
