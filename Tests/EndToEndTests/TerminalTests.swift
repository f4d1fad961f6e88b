import Foundation
import TestThreads
import Testing

/// What an operator sees and types at a terminal.
@Suite(.blocks, .timeLimit(.minutes(20))) struct TerminalTests {
    @Test("Nothing is stored until the recovery code has been typed back")
    func wrongRecoveryCode() throws {
        let server = try TestServer()
        try server.start()
        let wrong = "KTR1-00000-00000-00000-00000-00000-00000-00000"
        let asked = try terminal(
            server, ["init"],
            [
                ["New passphrase: ", TestServer.passphrase], ["once more: ", TestServer.passphrase],
                ["Type it back: ", wrong], ["Type it back: ", wrong], ["Type it back: ", wrong],
            ])
        #expect(asked.code == 1)
        #expect(asked.output.contains("nothing was stored"))
        #expect(try server.keyturn(["status"]).output.hasPrefix("uninitialized"))
    }

    @Test("A passphrase is asked for twice, does not show, and has to be the same")
    func twoPassphrases() throws {
        let server = try TestServer()
        try server.start()
        let asked = try terminal(
            server, ["init"], [["New passphrase: ", TestServer.passphrase], ["once more: ", "something else"]])
        #expect(asked.code == 2)
        #expect(!asked.output.contains("battery"))
        #expect(!asked.output.contains("something else"))
        #expect(try server.keyturn(["status"]).output.hasPrefix("uninitialized"))
    }

    @Test("A vault is made, sealed and unsealed at a terminal")
    func wholeDialogue() throws {
        let server = try TestServer()
        try server.start()
        let made = try terminal(
            server, ["init"],
            [
                ["New passphrase: ", TestServer.passphrase], ["once more: ", TestServer.passphrase],
                ["Type it back: ", "{code}"],
            ])
        #expect(made.code == 0, "\(made.output)")
        #expect(made.output.contains("Access key:"))
        #expect(try server.keyturn(["seal"]).code == 0)
        let opened = try terminal(server, ["unseal"], [["assphrase: ", TestServer.passphrase]])
        #expect(opened.code == 0, "\(opened.output)")
        #expect(!opened.output.contains("battery"))
        #expect(try server.keyturn(["status"]).output.hasPrefix("unsealed"))
    }

    @Test("Costs that were measured open the vault again")
    func calibrated() throws {
        let server = try TestServer()
        try server.start()
        let made = try server.keyturn(
            ["init", "--calibrate", "--accept-recovery-code", "--json", "--passphrase-file", server.passphraseFile])
        #expect(made.code == 0, "\(made.errors)")
        #expect(try server.keyturn(["seal"]).code == 0)
        try server.unseal()
    }

    @Test("Over the network a vault is made with the one-time token alone, which is spent then")
    func initializationToken() throws {
        let server = try TestServer()
        try server.start()
        let passphrase = TestServer.passphrase
        let refused = try server.request(
            "POST", "/v1/seal:initialize?accept_recovery_code=true",
            headers: ["Keyturn-Init-Token: \(String(repeating: "0", count: 64))"], body: passphrase)
        #expect(refused.status == 403 || refused.status == 415)
        let path = server.data + "/init-token"
        let token = try String(contentsOfFile: path, encoding: .utf8)
        let text =
            "POST /v1/seal:initialize?accept_recovery_code=true HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n"
            + "Connection: close\r\nKeyturn-Init-Token: \(token)\r\nContent-Type: application/octet-stream\r\n"
            + "Content-Length: \(passphrase.utf8.count)\r\n\r\n\(passphrase)"
        let made = try server.raw(Data(text.utf8))
        #expect(made.status == 200, "\(made.text)")
        #expect(try made.json()["access_key"] is String)
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(try server.raw(Data(text.utf8)).status == 409)
    }

    /// Runs a command of the operator's at a terminal.
    private func terminal(_ server: TestServer, _ arguments: [String], _ dialogue: [[String]]) throws -> Ended {
        let script = Programs.python("at_a_terminal.py")
        let text = String(decoding: try JSONEncoder().encode(dialogue), as: UTF8.self)
        return try run(
            "/usr/bin/python3", [script, text, Programs.keyturn] + arguments,
            environment: ["KEYTURN_DATA": server.data, "TERM": "dumb"])
    }
}
