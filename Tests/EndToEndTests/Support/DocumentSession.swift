import Foundation
import Testing

/// Runs what a page tells its readers to type, in one shell from top to bottom.
///
/// - A block ```` ```sh ```` is run. Each of its commands has to succeed, as with `set -e`.
/// - A block ```` ```sh server ```` is a command that a reader leaves running in another terminal. A page with one starts
///   its own server; on another page a vault is served, open, with `KEYTURN_DATA` and `KEYTURN_ACCESS_KEY` set.
/// - A block ```` ```text ```` right after a ```` ```sh ```` is what that prints, standard error included; `…` stands for anything.
/// - `<!-- Ctrl-C -->` stops the server. `<!-- sh: COMMAND -->` runs what a reader does by hand at that place.
/// - The port 8200 becomes a free one, as do 8080 and 8081 of a reader's own services, and the home and working folders are new and empty.
struct DocumentSession {
    let page: DocumentPage
    private let folder: TemporaryFolder
    private let port: Int
    /// The ports of a reader's own services.
    private let others: [(written: String, free: Int)]

    init(_ page: DocumentPage) throws {
        self.page = page
        folder = try TemporaryFolder()
        port = try freePort()
        others = try ["8080", "8081"].map { (written: $0, free: try freePort()) }
        try folder.write("a passphrase for the documents\n", to: "passphrase")
        for inside in ["work", "home/.config/keyturn/policies", "home/.local/share"] {
            try FileManager.default.createDirectory(
                atPath: folder.path + "/" + inside, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o755])
        }
    }

    /// Whether a page has something to run.
    static func hasCommands(_ page: DocumentPage) -> Bool { page.infos.contains { $0 == "sh" } }

    /// Runs the page and compares what it shows.
    func check() throws {
        let (script, expected) = compose()
        var text = script
        // By a word that is in no port: one that was put in may hold what is looked for next.
        for (place, other) in others.enumerated() {
            text = text.replacingOccurrences(of: other.written, with: "PORT-\(place)-")
        }
        for (place, other) in others.enumerated() {
            text = text.replacingOccurrences(of: "PORT-\(place)-", with: "\(other.free)")
        }
        text = text.replacingOccurrences(of: ":8200", with: ":\(port)")
        let file = try folder.write(text, to: "script")
        let ended = try runScript(
            file,
            environment: [
                "PATH": "\(Programs.folder):/usr/bin:/bin:/usr/sbin:/sbin", "HOME": folder.path + "/home",
                "TOP": folder.path, "KEYTURN_PASSPHRASE_FILE": folder.path + "/passphrase",
                "KEYTURN_LISTEN": "127.0.0.1:\(port)", "KEYTURN_AUDIT_PATIENCE": "60s",
            ], patience: 600)
        let printed = split(ended.output.replacingOccurrences(of: ":\(port)", with: ":8200"))
        for (line, text) in expected.sorted(by: { $0.key < $1.key }) {
            let got = printed[line] ?? "nothing: it was not reached"
            #expect(Self.matches(text, got), "\(page.name):\(line) shows\n\(text)\n--- and it printed\n\(got)")
        }
        let last = printed.keys.max() ?? 0
        #expect(
            ended.code == 0,
            "\(page.name):\(last) failed with \(ended.code):\n\(printed[last] ?? ended.output)\n\(serverLog())")
    }

    private func serverLog() -> String {
        (try? String(contentsOfFile: folder.path + "/server.log", encoding: .utf8)) ?? ""
    }

    // MARK: The script

    private static let beginning = #"""
        exec 2>&1
        set -e
        cd "$TOP/work"
        server=; starts=0
        await_server() {
            starts=$((starts + 1))
            for _ in $(seq 1200); do
                [ "$(grep -c '\] serving$' "$TOP/server.log")" != "$starts" ] || return 0
                sleep 0.1
            done
            echo 'the server does not serve'
            return 1
        }
        stop_server() {
            [ -z "$server" ] || { kill -TERM "$server"; wait "$server" || true; server=; }
        }
        trap 'stop_server; kill $(jobs -p) 2> /dev/null || true' EXIT
        """#

    private static let vault = #"""
        export KEYTURN_DATA=~/.local/share/keyturn
        setpriv --pdeathsig KILL keyturn server --policies ~/.config/keyturn/policies > "$TOP/server.log" 2>&1 & server=$!
        await_server
        keyturn init --accept-recovery-code --json > "$TOP/init.json"
        export KEYTURN_ACCESS_KEY=$(sed 's/.*"access_key":"\([^"]*\)".*/\1/' "$TOP/init.json")
        """#

    /// The script, and what is to be printed by the block at a line.
    private func compose() -> (script: String, expected: [Int: String]) {
        var script = [Self.beginning]
        var expected: [Int: String] = [:]
        /// The block to which a text that follows belongs.
        var last: Int?
        if !page.infos.contains("sh server") { script.append(Self.vault) }
        for piece in page.pieces {
            var ran: Int?
            switch piece {
            case .block("sh", let lines, let line):
                script += ["printf '\\n@@%s\\n' \(line)"] + lines
                ran = line
            case .block("sh server", let lines, _):
                script += [
                    "setpriv --pdeathsig KILL \(lines.joined(separator: "\n")) >> \"$TOP/server.log\" 2>&1 & server=$!",
                    "await_server",
                ]
            case .block("text", let lines, _):
                if let last { expected[last] = lines.joined(separator: "\n") }
            case .line("<!-- Ctrl-C -->", _):
                script.append("stop_server")
            case .line(let text, _) where text.hasPrefix("<!-- sh: ") && text.hasSuffix(" -->"):
                script.append(String(text.dropFirst(9).dropLast(4)))
            default:
                break
            }
            last = ran
        }
        return (script.joined(separator: "\n") + "\n", expected)
    }

    // MARK: What it printed

    /// By the line of the block.
    private func split(_ output: String) -> [Int: String] {
        var printed: [Int: String] = [:]
        for part in output.components(separatedBy: "\n@@").dropFirst() {
            let end = part.firstIndex(of: "\n") ?? part.endIndex
            guard let line = Int(part[..<end]) else { continue }
            printed[line] = part[end...].trimmingCharacters(in: .whitespacesAndNewlines)
        }
        return printed
    }

    /// Whether `text` is `pattern`, in which each `…` stands for anything.
    static func matches(_ pattern: String, _ text: String) -> Bool {
        let parts = pattern.trimmingCharacters(in: .whitespacesAndNewlines).components(separatedBy: "…")
        guard parts.count > 1, let first = parts.first, let last = parts.last else { return pattern == text }
        guard text.hasPrefix(first), text.count >= first.count + last.count, text.hasSuffix(last) else { return false }
        var rest = text.dropFirst(first.count).dropLast(last.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let found = rest.range(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return true
    }
}
