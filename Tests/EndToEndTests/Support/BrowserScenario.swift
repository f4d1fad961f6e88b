import Foundation
import Testing

/// The console in a real Chromium (Debian's), driven over WebDriver by the programs in `Browser/`.
enum BrowserScenario {
    private static let policy = """
        policy: payments-service
        description: What the payments service needs when it starts.
        rules:
          - allow: [list, inspect, retrieve, acknowledge]
            keys: ["payments/**"]
          - deny: [retrieve]
            keys: ["payments/*/root", "payments/root"]
            reason: root keys are for people
        callers:
          unix-users: [payments]
        tests:
          - {allow: retrieve, key: payments/stripe}
          - {deny: retrieve, key: payments/root}
          - {deny: rotate, key: payments/stripe}
        """

    /// A provider that nobody answers for until a scenario does: rotations by it fail.
    private static func provider(port: Int) -> String {
        """
        provider: silent
        description: A provider that does not answer.
        documentation: https://example.com/docs
        host: http://127.0.0.1:\(port)
        allow-private: true
        fields: [value]
        handle: value
        create:
          request: POST /keys
          json: '{"name": "{{mark}}"}'
          expect: [201]
          take: {value: /value}
        test:
          request: GET /self
          headers: {authorization: "Bearer {{candidate.value}}"}
        retire:
          request: DELETE /keys/{{retired.handle}}
          expect: [204]
        """
    }

    /// Plays a scenario against a server with a new data folder, in a browser of its own.
    static func play(_ scenario: String) throws {
        let server = try TestServer(policies: ["payments.yaml": Self.policy + "\n"])
        let provider = try freePort()
        try server.folder.write(Self.provider(port: provider) + "\n", to: "policies/providers/silent.yaml", mode: 0o644)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: server.policies + "/providers")
        try server.start()
        let browser = DocumentPage.root.appendingPathComponent("Tests/EndToEndTests/Browser/run.py").path
        let token = try String(contentsOfFile: server.data + "/init-token", encoding: .utf8)
        var config = [
            "address": "http://localhost:\(server.port)", "passphrase": TestServer.passphrase,
            "token": token.trimmingCharacters(in: .whitespacesAndNewlines), "axe": try axe(),
            "provider": String(provider), "policies": server.policies,
        ]
        // For those who want to look at the pages.
        if let pictures = ProcessInfo.processInfo.environment["KEYTURN_TEST_PICTURES"] { config["pictures"] = pictures }
        let ended = try run(
            "/usr/bin/python3", ["-B", browser, scenario], environment: ["HOME": server.folder.path],
            input: try JSONEncoder().encode(config), patience: 1_500)
        #expect(ended.code == 0, "\(ended.output)\n\(ended.errors)\n\(server.said.suffix(2_000))")
    }

    /// axe-core, which checks pages for those who read them by other means; `scripts/test` fetches it.
    private static func axe() throws -> String {
        let folder =
            ProcessInfo.processInfo.environment["KEYTURN_TEST_PYTHON"]
            ?? DocumentPage.root.appendingPathComponent(".build/test-python").path
        let file = folder + "/axe_playwright_python/axe.min.js"
        try #require(FileManager.default.fileExists(atPath: file), "scripts/test fetches axe-core to \(file)")
        return file
    }
}
