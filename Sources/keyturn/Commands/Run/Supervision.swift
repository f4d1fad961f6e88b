/// What the parent of a program does next. Pure: what happened comes in, and what to do goes out.
struct Supervision {
    /// How a program ended.
    enum Ending: Equatable {
        case code(Int32)
        case signal(Int32)
    }

    enum Event: Equatable {
        /// A signal came to the parent: sent by a process, or else by the kernel, which sends those of a terminal to the
        /// program too.
        case signal(Int32, wasSent: Bool)
        /// The program has to be started anew, with other values.
        case restart
        /// The program has to be told that there are other values.
        case notify(Int32)
        /// The time that a program has to end in is over.
        case deadline
        case ended(Ending)
    }

    enum Action: Equatable {
        case start
        case send(Int32)
        /// Stops the parent as the program was stopped.
        case suspend
        case setDeadline
        case finish(Ending)
    }

    /// Signals by number, as `signal(7)` has them for Linux.
    struct Signals {
        static let hangup: Int32 = 1
        static let interrupt: Int32 = 2
        static let quit: Int32 = 3
        static let kill: Int32 = 9
        static let terminate: Int32 = 15
        static let child: Int32 = 17
        static let terminalStop: Int32 = 20
    }

    private enum State: Equatable {
        case running
        /// Asked to end, so that it can be started anew.
        case restarting
        /// Asked to end by somebody else meanwhile.
        case ending
    }

    private var state = State.running

    mutating func step(_ event: Event) -> [Action] {
        switch event {
        case .signal(let number, let wasSent): return passOn(number, wasSent)
        case .restart:
            guard state == .running else { return [] }
            state = .restarting
            return [.send(Signals.terminate), .setDeadline]
        case .notify(let number): return state == .running ? [.send(number)] : []
        case .deadline: return state == .running ? [] : [.send(Signals.kill)]
        case .ended(let ending):
            guard state == .restarting else { return [.finish(ending)] }
            state = .running
            return [.start]
        }
    }

    private mutating func passOn(_ number: Int32, _ wasSent: Bool) -> [Action] {
        switch number {
        case Signals.child: return []
        case Signals.terminalStop: return wasSent ? [.send(number), .suspend] : [.suspend]
        default:
            // Whoever asks the parent to end means the program, and no other one after it.
            if state == .restarting, isEnd(number) || number == Signals.hangup && !wasSent { state = .ending }
            return wasSent ? [.send(number)] : []
        }
    }

    private func isEnd(_ number: Int32) -> Bool {
        [Signals.interrupt, Signals.quit, Signals.terminate].contains(number)
    }
}
