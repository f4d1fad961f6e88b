import Foundation
import Notices
import Outbound
import Rotation
import SecretMemory
import Testing

@testable import keyturn

@Suite("The file of receivers of notices")
struct NoticeFileTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "notices-\(UUID().uuidString)").path()

    private func parse(_ text: String) throws -> [NoticeReceiver] {
        try NoticeFile.parse(text, name: "n.yaml", folder: folder) { WipedBytes(utf8: "the value of \($0)") }
    }

    private func prepare() throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for (name, text, mode) in [
            ("secret", "sixteen bytes or more\n", 0o600), ("short", "short\n", 0o600),
            ("open", "sixteen bytes or more\n", 0o640), ("hook", "#!/bin/sh\n", 0o700), ("loose", "#!/bin/sh\n", 0o777),
        ] {
            try text.write(toFile: "\(folder)/\(name)", atomically: false, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: "\(folder)/\(name)")
        }
    }

    @Test(
        "What is wrong is named with file and line, and nothing of it is repeated",
        arguments: [
            ("- a", 1, "names of at most"), ("a: b", 1, "a receiver has"), ("a b: {url: x}", 1, "a receiver's name"),
            ("a:\n  urll: x", 2, "no such word"), ("a: {}", 1, "url or command"),
            ("a: {url: https://h/, command: /x}", 1, "url or command"), ("a: {url: https://h/}", 1, "secret_file or"),
            ("a: {url: https://h/, secret_file: secret, secret_key: k}", 1, "secret_file or"),
            ("a:\n  url: https://h/\n  secret_file: missing", 3, "mode 0600"),
            ("a:\n  url: https://h/\n  secret_file: short", 3, "mode 0600"),
            ("a:\n  url: https://h/\n  secret_file: open", 3, "mode 0600"),
            ("a:\n  url: http://hidden.example/\n  secret_file: secret", 2, "url: http:// is only for this machine"),
            ("a:\n  url: \"https://h/hidden path\"\n  secret_file: secret", 2, "url: the path"),
            ("a:\n  url: https://h/\n  secret_file: secret\n  allow_private: yes", 4, "true or false"),
            ("a:\n  on: held\n  command: hook", 2, "on is a list"),
            ("a:\n  on: [hold]\n  command: hook", 2, "on is a list"), ("a: {on: [], command: hook}", 1, "on is a list"),
            ("a: {command: relative}", 1, "absolute path"), ("a: {command: /dev/null}", 1, "command: it is no regular"),
            ("a: {command: /bin/sh, secret_file: secret}", 1, "a command takes on"), ("a: {url: [x]", 1, "not YAML"),
        ])
    func refused(text: String, line: Int, words: String) throws {
        try prepare()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let error = #expect(throws: Failure.self) { try parse(text) }
        let sentence = error?.sentence ?? ""
        #expect(sentence.hasPrefix("n.yaml:") && sentence.contains(words), "\(sentence)")
        if !words.contains("YAML") { #expect(sentence.hasPrefix("n.yaml:\(line): "), "\(sentence)") }
        #expect(!sentence.contains("hidden"))
    }

    @Test("A program that others may write is refused")
    func loose() throws {
        try prepare()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let error = #expect(throws: Failure.self) { try parse("a: {command: \(folder)/loose}") }
        #expect(error?.sentence.contains("may be written") == true)
    }

    @Test("Receivers are read with what they want to know, everything unless said, and how they are told")
    func read() async throws {
        try prepare()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let receivers = try parse(
            """
            ops:
              on: [failing, held]
              url: https://hooks.example.com:8443/keyturn?team=ops
              secret_file: secret
              authorities: ca.pem
              allow_private: true
            stored: {url: "https://hooks.example.com", secret_key: ops/hook}
            pager: {command: \(folder)/hook}
            """)
        #expect(receivers.map(\.name) == ["ops", "stored", "pager"])
        #expect(receivers[0].kinds == [.failing, .held])
        #expect(receivers[1].kinds == Set(RotationNotice.Kind.allCases))
        guard case .webhook(let ops) = receivers[0].way, case .webhook(let stored) = receivers[1].way,
            case .command = receivers[2].way
        else {
            Issue.record("they are told in another way")
            return
        }
        #expect(ops.origin.description == "https://hooks.example.com:8443" && ops.target == "/keyturn?team=ops")
        #expect(ops.limits.allowsPrivate && ops.limits.authorities == folder + "/ca.pem")
        #expect(stored.target == "/" && !stored.limits.allowsPrivate)
        #expect(await ops.secret()?.disclosedText() == "sixteen bytes or more")
        #expect(await stored.secret()?.disclosedText() == "the value of ops/hook")
        try FileManager.default.setAttributes([.posixPermissions: 0o604], ofItemAtPath: folder + "/secret")
        #expect(await ops.secret() == nil, "looked at again at each use")
    }

    @Test("Nothing is nobody")
    func nothing() throws {
        #expect(try parse("# later\n").isEmpty)
    }
}
