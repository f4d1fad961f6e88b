import KeyturnClient
import Testing
import VaultAPI

@testable import keyturn

@Suite("How a command ends")
struct FailureTests {
    @Test("Every problem ends the command with the exit code of the table", arguments: ProblemCode.allCases)
    func problems(code: ProblemCode) {
        let failure = Failure(KeyturnClientError(ProblemDocument(code)))
        #expect(failure.exit == code.exitCode)
    }

    @Test("A problem that this build does not know is a failure")
    func unknown() {
        var problem = ProblemDocument(.internal)
        problem.code = "from_the_future"
        #expect(Failure(KeyturnClientError(problem)).exit == .failed)
    }

    @Test("No server, a broken connection and a time-out end with 6")
    func transport() {
        for code in [KeyturnClientError.Code.unreachable, .interrupted, .timedOut] {
            #expect(Failure(KeyturnClientError(code, "x")).exit == .unreachable)
        }
        #expect(Failure(KeyturnClientError(.unexpectedReply, "x")).exit == .failed)
        #expect(Failure(KeyturnClientError(.invalidSetting, "x")).exit == .usage)
    }

    @Test("A change whose reply was lost may have been made, and says so; a read says nothing of the kind")
    func doubt() {
        var lost = KeyturnClientError(.timedOut, "x")
        #expect(Failure(lost).hints == ["whether it was done is not known; look before you try again"])
        lost.changedNothing = true
        #expect(Failure(lost).hints.isEmpty)
    }

    @Test("A refusal says what is missing and how to have it explained")
    func refusal() {
        let problem = ProblemDocument(
            .refused, detail: "The caller may not retrieve this.", decision: "d7", missing: "retrieve", field: "shop/a")
        #expect(
            Failure(KeyturnClientError(problem)).lines == [
                "keyturn: The caller may not retrieve this", "  at fault: shop/a", "  missing: retrieve",
                "  ask an operator: keyturn policy explain d7",
            ])
    }

    @Test("What the vault's sentence says already is not said again")
    func noRepetition() {
        let refused = ProblemDocument(
            .refused, detail: "No; ask why with `keyturn policy explain d7`.", decision: "d7", missing: "retrieve")
        #expect(Failure(KeyturnClientError(refused)).hints == ["missing: retrieve"])
        let sealed = ProblemDocument(.sealed, detail: "Sealed; open it with `keyturn unseal`.")
        #expect(Failure(KeyturnClientError(sealed)).hints == [])
        let policies = ProblemDocument(
            .policiesRefused, detail: "An error: a.yaml:1: no rules", errors: ["a.yaml:1: no rules"])
        #expect(Failure(KeyturnClientError(policies)).hints == [])
    }

    @Test("A certificate that is not trusted is no missing server")
    func certificate() {
        let failure = Failure(KeyturnClientError(.unreachable, "its certificate is not trusted"))
        #expect(failure.hints == ["name the authority of its certificate with KEYTURN_CA_FILE"])
    }

    @Test("A key in the trash is taken out by its path")
    func trash() {
        let problem = ProblemDocument(.inTrash, detail: "The key was deleted.", field: "shop/a")
        #expect(Failure(KeyturnClientError(problem)).hints.last == "take it out again with: keyturn restore shop/a")
        #expect(Failure(KeyturnClientError(problem)).exit == .notFound)
        var inTheWay = problem
        inTheWay.status = 409
        let failure = Failure(KeyturnClientError(inTheWay))
        #expect(failure.exit == .failed)
        #expect(
            failure.hints.last
                == "take it out again with: keyturn restore shop/a, or erase it with: keyturn destroy shop/a")
    }

    @Test("An import says what was new and what was there")
    func imported() {
        func summary(_ created: Int, _ replaced: Int) -> String {
            ImportCommand.summary(
                ImportReply(
                    created: Array(repeating: "a", count: created), replaced: Array(repeating: "b", count: replaced)))
        }
        #expect(summary(1, 0) == "1 key imported")
        #expect(summary(2, 1) == "2 keys imported, 1 key replaced")
        #expect(summary(0, 2) == "2 keys replaced")
    }

    @Test("A code that is not taken is answered with what to do about codes, and not about access keys")
    func codes() {
        let refused = AccessRedeemCommand.failure(KeyturnClientError(ProblemDocument(.unauthorized)))
        #expect(refused.exit == .refused && refused.hints.first?.contains("keyturn access enrol") == true)
        #expect(!refused.lines.joined().contains("KEYTURN_ACCESS_KEY"))
        let sealed = AccessRedeemCommand.failure(KeyturnClientError(ProblemDocument(.sealed)))
        #expect(sealed == Failure(KeyturnClientError(ProblemDocument(.sealed))))
    }

    @Test("A sealed and an uninitialised vault say what opens them")
    func sealed() {
        #expect(Failure(KeyturnClientError(ProblemDocument(.sealed))).hints.last?.contains("keyturn unseal") == true)
        #expect(
            Failure(KeyturnClientError(ProblemDocument(.uninitialized))).hints.last?.contains("keyturn init") == true)
    }
}
