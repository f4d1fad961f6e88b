import KeyturnClient
import Testing
import VaultAPI

@Suite("Addresses of vaults")
struct KeyturnAddressTests {
    @Test(
        "A text that is no address is refused with the reason",
        arguments: [
            ("", .unknownScheme), ("127.0.0.1:8200", .unknownScheme), ("ftp://localhost", .unknownScheme),
            ("HTTP://localhost", .unknownScheme), ("http:localhost", .unknownScheme),
            ("http://user:MARKER@localhost", .hasCredentials), ("https://MARKER@example.org", .hasCredentials),
            ("https://example.org/v1", .hasMoreThanHost), ("https://example.org?x", .hasMoreThanHost),
            ("https://example.org#x", .hasMoreThanHost), ("https://example.org//", .hasMoreThanHost),
            ("https://", .invalidHost), ("https://:8200", .invalidHost), ("https://exa mple", .invalidHost),
            ("https://exämple.org", .invalidHost), ("https://[::1", .invalidHost), ("https://[abc]", .invalidHost),
            ("https://[::g]", .invalidHost), ("https://a\r\nb", .invalidHost), ("http://::1:8200", .invalidHost),
            ("https://example.org:", .invalidPort), ("https://example.org:0", .invalidPort),
            ("https://example.org:65536", .invalidPort), ("https://example.org:+80", .invalidPort),
            ("https://example.org:8x", .invalidPort), ("https://[::1]8200", .invalidPort),
            ("http://example.org:8200", .notEncrypted), ("http://10.0.0.1", .notEncrypted),
            ("http://127.0.0.1.example.org", .notEncrypted), ("http://127.1", .notEncrypted),
            ("http://0.0.0.0:8200", .notEncrypted), ("http://localhost.example.org", .notEncrypted),
            ("unix:", .socketPathNotAbsolute), ("unix:run/k.sock", .socketPathNotAbsolute),
            ("unix:/a\u{0}b", .socketPathNotAbsolute),
            ("unix:/" + String(repeating: "a", count: 107), .socketPathTooLong),
        ] as [(String, KeyturnAddressError)])
    func refused(text: String, reason: KeyturnAddressError) {
        #expect(throws: reason) { try KeyturnAddress(text) }
        #expect(!reason.description.contains("MARKER"))
    }

    @Test(
        "An address is read and written in one form",
        arguments: [
            ("http://127.0.0.1:8200", "http://127.0.0.1:8200"), ("http://localhost:8200/", "http://localhost:8200"),
            ("http://[::1]:8200", "http://[::1]:8200"), ("http://127.8.9.10", "http://127.8.9.10"),
            ("https://Vault.Example.org", "https://vault.example.org"), ("https://10.0.0.1:1", "https://10.0.0.1:1"),
            ("unix:/run/k.sock", "unix:/run/k.sock"), ("unix:///run/k.sock", "unix:/run/k.sock"),
        ])
    func accepted(text: String, form: String) throws {
        #expect(try KeyturnAddress(text).description == form)
    }

    @Test("Settings in the environment are refused by name, and never repeated")
    func settings() throws {
        let wrong: [[String: String]] = [
            ["KEYTURN_ADDRESS": ""], ["KEYTURN_ACCESS_KEY": ""], ["KEYTURN_CA_FILE": ""],
            ["KEYTURN_ADDRESS": "MARKER"], ["KEYTURN_ACCESS_KEY": "MARKER key"],
            ["KEYTURN_ACCESS_KEY": "MARKER\r\nX: y"],
            ["KEYTURN_ACCESS_KEY": "MARKER\u{e9}"],
        ]
        for environment in wrong {
            let name = try #require(environment.keys.first)
            let error = #expect(throws: KeyturnClientError.self) { try KeyturnSettings(environment: environment) }
            #expect(error?.code == .invalidSetting)
            #expect(error?.description.contains(name) == true && error?.description.contains("MARKER") == false)
        }
        #expect(try KeyturnSettings(environment: [:]).address == .standard)
    }

    @Test("A socket that is not there and a port that is closed are unreachable")
    func unreachable() async throws {
        for address in ["unix:/nonexistent/keyturn.sock", "http://127.0.0.1:1"] {
            var settings = try KeyturnSettings(address: KeyturnAddress(address))
            settings.patience = .zero
            let vault = try KeyturnVault(settings)
            let error = await #expect(throws: KeyturnClientError.self) { try await vault.value(of: "a") }
            #expect(error?.code == .unreachable)
            #expect(error?.exitCode == .unreachable)
            await vault.close()
        }
    }

    @Test("A certificate file that cannot be used is a wrong setting")
    func certificateFile() throws {
        let settings = try KeyturnSettings(address: .standard, caFile: "/nonexistent.pem")
        #expect(throws: KeyturnClientError(.invalidSetting, "")) { try KeyturnVault(settings) }
    }
}
