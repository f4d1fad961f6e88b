import Testing
import Vault

@testable import keyturn

@Suite("What the server's log says of further audit sinks")
struct SinkNewsTests {
    private func sink(
        _ failure: String? = nil, need: String = "best-effort", up: Bool = true, refusing: Bool = false,
        dropped: UInt64 = 0
    ) -> AuditStanding.Further {
        AuditStanding.Further(
            name: "socket", need: need, isUp: up, isRefusing: refusing, dropped: dropped, failure: failure)
    }

    @Test("Each change is told once; lines that are lost are told as long as they are")
    func news() {
        var news = SinkNews()
        func told(_ sink: AuditStanding.Further) -> [String] {
            news.lines([sink]).map { ($0.isGood ? "good: " : "bad: ") + $0.line }
        }
        let name = "audit sink socket (best-effort)"
        #expect(told(sink("nobody listens", up: false)) == ["bad: \(name): nobody listens"])
        #expect(told(sink("nobody listens", up: false)).isEmpty)
        #expect(told(sink("nobody listens", up: false, dropped: 3)) == ["bad: \(name): dropped 3 lines, 3 in all"])
        #expect(told(sink("nobody listens", up: false, dropped: 5)) == ["bad: \(name): dropped 2 lines, 5 in all"])
        #expect(told(sink(dropped: 5)) == ["good: \(name): takes lines"])
        #expect(told(sink(dropped: 5)).isEmpty)
        #expect(told(sink("it is slow", dropped: 5)) == ["bad: \(name): it is slow"])
    }

    @Test("A mandatory sink says that requests are refused, and one without a fault is told at the start")
    func mandatory() {
        var news = SinkNews()
        #expect(news.lines([sink(need: "mandatory")]).map(\.line) == ["audit sink socket (mandatory): takes lines"])
        #expect(
            news.lines([sink("away", need: "mandatory", up: false, refusing: true)]).map(\.line)
                == ["audit sink socket (mandatory): away; requests are refused"])
        #expect(
            news.lines([sink(need: "mandatory", refusing: true)]).map(\.line).isEmpty)
        #expect(news.lines([sink(need: "mandatory")]).map(\.line) == ["audit sink socket (mandatory): takes lines"])
        #expect(
            news.lines([sink(need: "mandatory", refusing: true)]).map(\.line)
                == ["audit sink socket (mandatory): requests are refused"])
    }
}
