import Testing

@testable import VaultAPI

@Suite("Problems")
struct ProblemTests {
    /// The table that scripts and other clients rely on, written out a second time on purpose.
    static let table: [(String, Int, Int32)] = [
        ("malformed", 400, 1), ("unknown_member", 400, 1), ("invalid_path", 400, 2), ("invalid_field", 400, 2),
        ("too_deep", 400, 1), ("unauthorized", 401, 4), ("refused", 403, 4), ("host_refused", 403, 4),
        ("origin_refused", 403, 4), ("wrong_passphrase", 403, 4), ("not_found", 404, 5), ("in_trash", 404, 5),
        ("expired", 404, 5), ("no_such_version", 404, 5), ("unsupported_method", 405, 1), ("timeout", 408, 1),
        ("not_in_trash", 409, 1), ("already_exists", 409, 1), ("conflict", 409, 1), ("already_initialized", 409, 1),
        ("already_unsealed", 409, 1), ("read_only", 409, 1), ("no_ceremony", 409, 1), ("slot_damaged", 409, 1),
        ("store_damaged", 409, 1), ("policies_refused", 409, 1), ("precondition_failed", 412, 1),
        ("too_large", 413, 1), ("slow_down", 429, 1), ("rate_limited", 429, 1), ("in_doubt", 500, 1),
        ("internal", 500, 1),
        ("uninitialized", 503, 3), ("sealed", 503, 3), ("overloaded", 503, 1), ("audit_unavailable", 507, 1),
        ("store_unavailable", 507, 1),
    ]

    @Test("Every code has the status and the exit code of the table, and no code is missing from it")
    func table() throws {
        #expect(Set(Self.table.map(\.0)) == Set(ProblemCode.allCases.map(\.rawValue)))
        for (word, status, exit) in Self.table {
            let code = try #require(ProblemCode(rawValue: word))
            #expect(code.status == status, "\(word)")
            #expect(code.exitCode.rawValue == exit, "\(word)")
        }
    }

    @Test("Titles are sentences of their own")
    func titles() {
        #expect(Set(ProblemCode.allCases.map(\.title)).count == ProblemCode.allCases.count)
    }

    @Test("Exit codes are those of the contract")
    func exitCodes() {
        #expect(ExitCode.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 6, 7])
        #expect(ExitCode.sealed.rawValue == 3 && ExitCode.unreachable.rawValue == 6)
    }

    @Test("A document shows what is there and leaves out what is not")
    func document() throws {
        let problem = ProblemDocument(.refused, detail: "No.", decision: "d1", missing: "retrieve")
        let json = try WireJSON.encode(problem)
        let expected =
            #"{"code":"refused","decision":"d1","detail":"No.","missing":"retrieve","status":403,"#
            + #""title":"The caller may not do this","type":"urn:keyturn:problem:refused"}"#
        #expect(String(decoding: json, as: UTF8.self) == expected)
        #expect(try WireJSON.reply(ProblemDocument.self, from: json) == problem)
    }
}
