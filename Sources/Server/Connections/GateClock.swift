internal import NIOCore

/// One deadline that moves often, and a timer that seldom does: where the deadline has moved to later, the timer finds
/// out when it fires. Belongs to one event loop.
final class GateClock {
    /// Called when time is up.
    private let action: () -> Void
    private let loop: any EventLoop
    private var deadline: NIODeadline?
    private var timer: (scheduled: Scheduled<Void>, fires: NIODeadline)?

    init(_ loop: any EventLoop, _ action: @escaping () -> Void) {
        self.loop = loop
        self.action = action
    }

    /// Sets the deadline, or lifts it.
    func set(_ deadline: NIODeadline?) {
        self.deadline = deadline
        guard let deadline else { return }
        if let timer {
            guard deadline < timer.fires else { return }
            timer.scheduled.cancel()
        }
        schedule(deadline)
    }

    /// Lets go of the timer, for good.
    func stop() {
        deadline = nil
        timer?.scheduled.cancel()
        timer = nil
    }

    private func schedule(_ moment: NIODeadline) {
        timer = (loop.assumeIsolated().scheduleTask(deadline: moment) { [weak self] in self?.fire() }, moment)
    }

    private func fire() {
        timer = nil
        guard let deadline else { return }
        guard loop.now >= deadline else {
            schedule(deadline)
            return
        }
        self.deadline = nil
        action()
    }
}
