import Foundation
import TestThreads
import Testing

/// The documents against the program: what they tell a reader to type works, and what they list is what there is.
@Suite(.blocks, .timeLimit(.minutes(20))) struct DocumentTests {
    static let pages = (try? DocumentPage.all(in: [".", "docs", "docs/decisions", "docs/rotators", "policies"])) ?? []
    static let commandPages = pages.filter(DocumentSession.hasCommands)

    @Test("What a page tells its readers to type works, and prints what the page shows", arguments: commandPages)
    func commands(page: DocumentPage) throws {
        try DocumentSession(page).check()
    }

    @Test("Each of the pages for users has commands that run")
    func pagesWithCommands() {
        let names = [
            "api", "applications", "command-line", "getting-started", "issued-keys", "notices", "operating", "rotation",
            "rotators/aws-iam",
        ]
        let expected = ["README.md"] + names.map { "docs/\($0).md" }
        #expect(Self.commandPages.map(\.name).sorted() == expected)
    }

    @Test("No block of commands is named so that it would not run")
    func otherShells() {
        for page in Self.pages {
            let odd = page.infos.filter { info in
                ["bash", "console", "shell", "zsh"].contains(info)
                    || info.hasPrefix("sh") && !["sh", "sh server"].contains(info)
            }
            #expect(odd.isEmpty, "\(page.name)")
        }
    }

    @Test("A text is compared in full, and only an ellipsis stands for anything")
    func comparison() {
        #expect(DocumentSession.matches("a\nb", "a\nb"))
        #expect(DocumentSession.matches("id …, shop; …", "id 4fT0, shop; not shown again"))
        #expect(DocumentSession.matches("…\nb", "a\na\nb"))
        #expect(!DocumentSession.matches("a", "a\nb"))
        #expect(!DocumentSession.matches("a …", "b a c"))
        #expect(!DocumentSession.matches("a … c", "a b c d"))
        #expect(!DocumentSession.matches("a…a", "a"))
        #expect(!DocumentSession.matches("a…b…c…d", "acbd"))
    }

    @Test("The README can be read in one go")
    func length() throws {
        #expect(try DocumentPage("README.md").lines.count <= 120)
    }

    @Test("docs/api.md lists the calls of the OpenAPI document, each and no other")
    func calls() throws {
        let server = try TestServer()
        try server.start()
        let reply = try server.request("GET", "/v1/openapi.json")
        let paths = try #require(try reply.json()["paths"] as? [String: [String: Any]])
        let served = Set(paths.flatMap { path, methods in methods.keys.map { "\($0.uppercased()) \(path)" } })
        #expect(served.count > 30)
        let listed = Set(
            try DocumentPage("docs/api.md").spans.filter { $0.wholeMatch(of: /[A-Z]+ \/v1\/\S+/) != nil })
        #expect(listed.subtracting(served) == [], "listed, and not served")
        #expect(served.subtracting(listed) == [], "served, and not listed")
    }

    @Test("docs/command-line.md has the subcommands of --help, each and no other")
    func subcommands() throws {
        let all = try Set(subcommands(of: []))
        #expect(all.count >= 40)
        let spans = try DocumentPage("docs/command-line.md").spans
        let named = Set(spans.filter { $0.wholeMatch(of: /keyturn( [a-z][a-z-]*)+/) != nil })
        #expect(named.subtracting(all) == [], "named, and not there")
        #expect(all.subtracting(named) == [], "there, and not named")
    }

    /// `keyturn put`, `keyturn access create` and all the others.
    private func subcommands(of path: [String]) throws -> [String] {
        let help = try run(Programs.keyturn, ["help"] + path).output
        var isList = false
        var names: [String] = []
        for line in help.components(separatedBy: "\n") {
            if !line.hasPrefix(" ") { isList = line.hasSuffix("SUBCOMMANDS:") }
            if isList, let name = line.firstMatch(of: /^  ([a-z][a-z-]*)/)?.1 { names.append(String(name)) }
        }
        guard !names.isEmpty else { return ["keyturn " + path.joined(separator: " ")] }
        return try names.flatMap { try subcommands(of: path + [$0]) }
    }

    @Test("docs/operating.md has the settings of the server, with the names that they have in each place")
    func settings() throws {
        let help = try run(Programs.keyturn, ["server", "--help"]).output
        let options = Set(help.matches(of: /(?m)^  (--[a-z-]+)/).map { String($0.1) })
        #expect(options.count > 10)
        let rows = try DocumentPage("docs/operating.md").lines.filter { $0.hasPrefix("| `--") }
        var listed: Set<String> = []
        for row in rows {
            let cells = row.components(separatedBy: "|").map { $0.filter { $0 != "`" && $0 != " " } }
            let option = cells[1]
            listed.insert(option)
            let name = option.dropFirst(2).replacingOccurrences(of: "-", with: "_")
            #expect(cells[2] == "KEYTURN_" + name.uppercased(), "\(option)")
            #expect(cells[3] == (option == "--config" ? "" : name), "\(option)")
        }
        #expect(listed == options)
    }

    @Test("Links between the pages lead to pages and headings that are there", arguments: pages)
    func links(page: DocumentPage) throws {
        let folder = DocumentPage.root.appendingPathComponent(page.name).deletingLastPathComponent()
        for link in page.links where !link.contains("://") && !link.hasPrefix("mailto:") {
            let parts = link.components(separatedBy: "#")
            let file = parts[0].isEmpty ? page.name : parts[0]
            let base = parts[0].isEmpty ? DocumentPage.root : folder
            let target = base.appendingPathComponent(file).standardized
            #expect(FileManager.default.fileExists(atPath: target.path), "\(page.name): \(link)")
            guard parts.count == 2 else { continue }
            let name = target.path.dropFirst(DocumentPage.root.standardized.path.count + 1)
            #expect(try DocumentPage(String(name)).anchors.contains(parts[1]), "\(page.name): \(link)")
        }
    }
}
