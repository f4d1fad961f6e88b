internal import CSupervision
internal import Glibc
internal import SecretMemory
internal import Synchronization
internal import VaultAPI

/// The parent of a program: starts it, stands in front of it, and starts it anew when it is asked to.
///
/// All of it happens on one thread, which lives as long as the program: the program is asked to end when that thread does.
final class Supervisor: Sendable {
    /// What there is to start.
    struct Program: Sendable {
        var path: String
        /// From the name of the program on.
        var arguments: [String]
        var state: ProcessState
        /// How long it may take to end when it is to be started anew, in milliseconds.
        var patience: Int64
    }

    private struct Orders {
        var environment: ChildEnvironment
        var waiting: [Supervision.Event] = []
    }

    private let program: Program
    private let orders: Mutex<Orders>

    init(_ program: Program, environment: ChildEnvironment) {
        self.program = program
        orders = Mutex(Orders(environment: environment))
    }

    /// Runs the program to its end.
    ///
    /// - Throws: a failure where it cannot be started.
    func run() async throws(Failure) -> Supervision.Ending {
        let result: Result<Supervision.Ending, Failure> = await withCheckedContinuation { continuation in
            SupervisorThread.detach { continuation.resume(returning: self.supervise()) }
        }
        return try result.get()
    }

    /// Has the program end and start again with `environment`.
    func restart(with environment: ChildEnvironment) { order(.restart, environment) }

    /// Sends a signal to the program. When it is started anew, it gets `environment`.
    func notify(_ signal: Int32, _ environment: ChildEnvironment) { order(.notify(signal), environment) }

    private func order(_ event: Supervision.Event, _ environment: ChildEnvironment) {
        orders.withLock {
            $0.environment = environment
            $0.waiting.append(event)
        }
        keyturn_relay_wake()
    }

    // MARK: On the thread

    private func supervise() -> Result<Supervision.Ending, Failure> {
        let relay = keyturn_relay_signals()
        guard relay >= 0 else {
            return .failure(Failure(.failed, "signals cannot be passed on: no descriptor is left"))
        }
        keyturn_hide_memory()
        var supervision = Supervision()
        var child: pid_t = 0
        var deadline: ContinuousClock.Instant?
        var events: [Supervision.Event] = []
        do throws(Failure) {
            child = try start()
            while true {
                for action in events.flatMap({ supervision.step($0) }) {
                    switch action {
                    case .start:
                        deadline = nil
                        child = try start()
                    case .send(let number): _ = kill(child, number)
                    case .suspend: _ = kill(getpid(), SIGSTOP)
                    case .setDeadline: deadline = .now + .milliseconds(program.patience)
                    case .finish(let ending):
                        keyturn_relay_nothing()
                        return .success(ending)
                    }
                }
                events = wait(relay, until: deadline)
                // First, so that nothing is sent to what is no more, and nothing is started anew that ended by itself.
                if let ended = Self.collect(child) { events.insert(.ended(ended), at: 0) }
                if let moment = deadline, moment <= .now {
                    deadline = nil
                    events.append(.deadline)
                }
            }
        } catch {
            keyturn_relay_nothing()
            return .failure(error)
        }
    }

    /// Waits until something comes.
    private func wait(_ relay: CInt, until deadline: ContinuousClock.Instant?) -> [Supervision.Event] {
        var limit: CInt = -1
        if let deadline {
            let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
            limit = CInt(min(max(left + 1, 0), 60_000))
        }
        var watched = pollfd(fd: relay, events: Int16(POLLIN), revents: 0)
        unsafe poll(&watched, 1, limit)
        var events: [Supervision.Event] = []
        var entry = keyturn_relayed()
        while unsafe read(relay, &entry, MemoryLayout<keyturn_relayed>.size) == MemoryLayout<keyturn_relayed>.size {
            guard entry.number != 0 else { continue }
            events.append(.signal(Int32(entry.number), wasSent: entry.was_sent != 0))
        }
        return events
            + orders.withLock { orders in
                defer { orders.waiting = [] }
                return orders.waiting
            }
    }

    /// Collects every process that has ended: as the first process of a container, this one is the parent of strays.
    private static func collect(_ child: pid_t) -> Supervision.Ending? {
        var found: Supervision.Ending?
        var status: CInt = 0
        while true {
            let process = unsafe keyturn_collect(&status)
            guard process > 0 else { return found }
            guard process == child else { continue }
            let number = keyturn_end_number(status)
            found = keyturn_was_killed(status) != 0 ? .signal(number) : .code(number)
        }
    }

    private func start() throws(Failure) -> pid_t {
        let environment = orders.withLock { $0.environment }
        return try program.state.start(program.path, program.arguments, environment.entries)
    }
}

/// A thread of its own.
enum SupervisorThread {
    private final class Body {
        let run: () -> Void
        init(_ run: @escaping () -> Void) { self.run = run }
    }

    static func detach(_ run: @escaping @Sendable () -> Void) {
        let body = unsafe Unmanaged.passRetained(Body(run)).toOpaque()
        var thread = pthread_t()
        let failure = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, body)
        if failure == 0 {
            pthread_detach(thread)
        } else {
            unsafe Unmanaged<Body>.fromOpaque(body).takeRetainedValue().run()
        }
    }
}
