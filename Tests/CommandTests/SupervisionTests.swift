import Testing

@testable import keyturn

@Suite("The parent of a program")
struct SupervisionTests {
    typealias Signals = Supervision.Signals

    @Test("A program that ended by itself is not started anew")
    func ends() {
        var code = Supervision()
        #expect(code.step(.ended(.code(7))) == [.finish(.code(7))])
        var signal = Supervision()
        #expect(signal.step(.ended(.signal(11))) == [.finish(.signal(11))])
    }

    @Test("A signal that somebody sent is passed on; one of the terminal reaches the program by itself")
    func passesOn() {
        var supervision = Supervision()
        for number in [Signals.hangup, Signals.interrupt, Signals.terminate, 10, 12, 18, 40] {
            #expect(supervision.step(.signal(number, wasSent: true)) == [.send(number)])
            #expect(supervision.step(.signal(number, wasSent: false)) == [])
        }
        #expect(supervision.step(.signal(Signals.child, wasSent: false)) == [])
    }

    @Test("A program that is stopped stops its parent")
    func stops() {
        var supervision = Supervision()
        #expect(supervision.step(.signal(Signals.terminalStop, wasSent: false)) == [.suspend])
        #expect(
            supervision.step(.signal(Signals.terminalStop, wasSent: true)) == [.send(Signals.terminalStop), .suspend])
    }

    @Test("To be started anew, a program is asked to end, killed when it does not, and started once it is gone")
    func restarts() {
        var supervision = Supervision()
        #expect(supervision.step(.restart) == [.send(Signals.terminate), .setDeadline])
        #expect(supervision.step(.restart) == [])
        #expect(supervision.step(.deadline) == [.send(Signals.kill)])
        #expect(supervision.step(.ended(.signal(Signals.kill))) == [.start])
        #expect(supervision.step(.deadline) == [])
        #expect(supervision.step(.ended(.code(0))) == [.finish(.code(0))])
    }

    @Test("Whoever ends the parent while the program is started anew ends both", arguments: [2, 3, 15] as [Int32])
    func endsMeanwhile(number: Int32) {
        var supervision = Supervision()
        _ = supervision.step(.restart)
        #expect(supervision.step(.signal(number, wasSent: true)) == [.send(number)])
        #expect(supervision.step(.ended(.code(0))) == [.finish(.code(0))])
    }

    @Test("A terminal that hangs up ends both; a hang-up that was sent means the program")
    func hangsUp() {
        var gone = Supervision()
        _ = gone.step(.restart)
        _ = gone.step(.signal(Signals.hangup, wasSent: false))
        #expect(gone.step(.ended(.signal(Signals.hangup))) == [.finish(.signal(Signals.hangup))])
        var reload = Supervision()
        _ = reload.step(.restart)
        #expect(reload.step(.signal(Signals.hangup, wasSent: true)) == [.send(Signals.hangup)])
        #expect(reload.step(.ended(.code(0))) == [.start])
    }

    @Test("A program that is about to be started anew is not told of changes")
    func notifies() {
        var supervision = Supervision()
        #expect(supervision.step(.notify(Signals.hangup)) == [.send(Signals.hangup)])
        _ = supervision.step(.restart)
        #expect(supervision.step(.notify(Signals.hangup)) == [])
    }
}
