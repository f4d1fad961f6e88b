import Foundation
import Mustache
import Policy
import SecretMemory
import Testing
import Vault

@testable import Console

/// Text that others wrote is text on a page, and nothing else.
@Suite struct MarkupTests {
    private static let hostile = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "{{csrf}}{{{csrf}}}",
        "<!--secret 0-->", "\"\u{301} autofocus onfocus=alert(1) x=\"\u{301}", "</textarea><svg/onload=alert(1)>",
        "&lt;b&gt;", "javascript:alert(1)",
    ]

    @Test("A quote with a combining mark behind it is escaped, which the library does not do")
    func combiningMarks() throws {
        let escape = MarkupEscape()
        for mark in ["\u{301}", "\u{20DD}", "\u{FE0F}", "\u{200D}"] {
            for dangerous in ["<", ">", "\"", "'", "&"] {
                #expect(
                    !escape.escapeText(dangerous + mark).unicodeScalars.dropFirst().contains {
                        "<>\"'".unicodeScalars.contains($0)
                    })
                #expect(escape.escapeText(dangerous + mark).unicodeScalars.first == "&")
            }
        }
        #expect(escape.escapeText("a\u{0}b\u{1B}[31m\u{202E}c") == "a\u{FFFD}b\u{FFFD}[31m\u{FFFD}c")
        #expect(escape.escapeText("naïve – \u{1F511}\n\ttext") == "naïve – \u{1F511}\n\ttext")
    }

    @Test("Every template parses, has no triple braces, no script or style of its own and no address elsewhere")
    func templates() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/Console/Assets")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
            $0.hasSuffix(".mustache")
        }
        #expect(files.count >= 20)
        for file in files {
            let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            _ = try MustacheTemplate(string: MarkupEscape.pragma + text)
            #expect(!text.contains("{{{") && !text.contains("{{&") && !text.contains("{{ &"), "\(file)")
            #expect(!text.contains("style=") && !text.contains("<style"), "\(file)")
            #expect(text.firstMatch(of: #/\son[a-z]+=/#) == nil && !text.contains("javascript:"), "\(file)")
            #expect(text.firstMatch(of: #/<script(?![^>]*src="\/console\/assets\/)/#) == nil, "\(file)")
            #expect(!text.contains("http://") && !text.contains("https://"), "\(file)")
            // What is included would be indented, and so would values in text areas.
            #expect(text.firstMatch(of: #/(?m)^[ \t]+\{\{>/#) == nil, "\(file)")
            #expect(text.firstMatch(of: #/=[^"\s>]*\{\{/#) == nil, "an attribute without quotes in \(file)")
        }
    }

    @Test("Markup in every field of a key is inert on every page that shows it")
    func inert() async throws {
        let (scene, browser, key) = try await ConsoleScene.signedIn()
        for (number, text) in Self.hostile.enumerated() {
            let change = MetadataChange(
                name: text, description: text, provider: text, tags: [text, "b"],
                expires: .some(scene.clock.wall + 86_400_000))
            try await scene.put(key, "hostile/k\(number)", text, change)
        }
        var pages: [(String, String)] = []
        func see(_ target: String) async throws {
            try await browser.get(target)
            pages.append((target, browser.page))
        }
        try await see("/console/keys")
        for (number, text) in Self.hostile.enumerated() {
            for verb in ["", ":edit", ":store", ":schedule", ":destroy"] {
                try await see("/console/keys/hostile/k\(number)\(verb)")
            }
            for name in ["q", "provider", "tag", "sort", "cursor", "state", "due"] {
                try await see("/console/keys" + FormEncoding.query([(name, text)]))
            }
            try await browser.get("/console/keys/hostile/k\(number)")
            try await browser.post("/console/keys/hostile/k\(number):reveal")
            pages.append(("reveal \(number)", browser.page))
            try await browser.get("/console/add-key")
            try await browser.post(
                "/console/add-key",
                [
                    "path": text, "name": text, "description": text, "provider": text, "tags": text, "expires": text,
                    "value": text, "field1": text, "rotator": text, "every": text, "overlap": text,
                ])
            pages.append(("add \(number)", browser.page))
        }
        for (target, page) in pages {
            #expect(page.contains("</html>"), "\(target)")
            for danger in ["<script>", "<img src=x", "onerror=alert(1)>", "<svg/onload", "</textarea><", "\"\u{301}"] {
                #expect(!page.unicodeScalars.contains(sequence: danger.unicodeScalars), "\(danger) in \(target)")
            }
            #expect(!page.contains("<!--"), "\(target)")
        }
    }

    @Test("Markup in an access key's name is inert in the header and in tables")
    func callers() async throws {
        let policies = """
            policy: all
            rules:
              - allow: [list, inspect, retrieve, write, rotate, delete, restore, destroy]
                keys: ["**"]
              - allow: [audit]
            """
        let (scene, administrator) = try await ConsoleScene.opened(policies: policies)
        let key = try await scene.accessKey(administrator, ["all"], name: "<b onclick=x>\"'&")
        try await scene.put(key, "a/b")
        let browser = Browser(scene)
        try await browser.signIn(key)
        try await browser.get("/console/keys/a/b")
        #expect(browser.page.contains("&lt;b onclick=x&gt;&quot;&#39;&amp;") && !browser.page.contains("<b onclick"))
    }

    @Test("A secret's bytes are escaped as text is, and a mark in text is no place for one")
    func secretSlots() throws {
        let template = Template(Array("<p>{{text}}</p><pre><!--secret 0--></pre>".utf8))
        let page = String(
            decoding: try template.filled(
                with: ["text": "<!--secret 0-->"], secrets: [WipedBytes(utf8: "<b>\"&\u{0}'")]), as: UTF8.self)
        #expect(page == "<p>&lt;!--secret 0--&gt;</p><pre>&lt;b&gt;&quot;&amp;\u{FFFD}&#39;</pre>")
    }
}

extension Sequence where Element == Unicode.Scalar {
    /// Whether these scalars stand in it one after the other, whatever characters they make.
    fileprivate func contains(sequence: some Sequence<Unicode.Scalar>) -> Bool {
        let (all, wanted) = (Array(self), Array(sequence))
        guard all.count >= wanted.count else { return false }
        return (0...(all.count - wanted.count)).contains { start in
            all[start] == wanted[0] && Array(all[start..<(start + wanted.count)]) == wanted
        }
    }
}
