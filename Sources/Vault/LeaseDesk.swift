internal import IssuedKeys
internal import Synchronization

/// Makes durable what issued keys are going to use, for one session: whoever waits for the same commit shares it.
final class LeaseDesk: Sendable {
    /// What the limits of this session run by.
    let clock: LimitClock
    private let committer: Committer
    private let state = Mutex(State())

    private struct Request {
        var meter: IssuedMeter
        var cost: Int64 = 0
        var settles = false
        var waiting: [CheckedContinuation<VaultError?, Never>] = []
    }

    private struct State {
        var requests: [IssuedKeyNumber: Request] = [:]
        var isRunning = false
        /// Those that may have leased what they do not use.
        var owing: [IssuedKeyNumber: IssuedMeter] = [:]
    }

    init(clock: LimitClock, committer: Committer) {
        self.clock = clock
        self.committer = committer
    }

    /// Returns once a lease that counted on `cost` more uses is durable. Others may have spent it by then.
    func lease(_ meter: IssuedMeter, _ cost: Int64) async throws(VaultError) {
        let error = await withCheckedContinuation { continuation in
            enqueue(meter) { request in
                request.cost = min(request.cost + cost, 1 << 40)
                request.waiting.append(continuation)
            }
        }
        if let error { throw error }
    }

    /// Begins a lease for which nobody waits yet.
    func leaseSoon(_ meter: IssuedMeter) { enqueue(meter) { _ in } }

    /// Gives back what idle keys have leased and not used. To be called every second or so.
    func settleIdle() {
        let now = clock.now
        let owing = state.withLock { state in
            state.owing = state.owing.filter { $0.value.owes }
            return Array(state.owing.values)
        }
        for meter in owing where meter.isIdle(at: now) { enqueue(meter) { $0.settles = true } }
    }

    /// Gives back all that is leased; who asks from then on needs another lease.
    func settleAll() async {
        let owing = state.withLock { Array($0.owing.values) }
        guard let last = owing.last else { return }
        for meter in owing.dropLast() { enqueue(meter) { $0.settles = true } }
        // What was asked for before is served before, or together.
        _ = await withCheckedContinuation { continuation in
            enqueue(last) { request in
                request.settles = true
                request.waiting.append(continuation)
            }
        }
    }

    private func enqueue(_ meter: IssuedMeter, _ change: (inout Request) -> Void) {
        let starts = state.withLock { state in
            change(&state.requests[meter.lineage, default: Request(meter: meter)])
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if starts { Task { await self.run() } }
    }

    private func run() async {
        while true {
            let requests = state.withLock { state in
                let taken = Array(state.requests.values)
                state.requests = [:]
                if taken.isEmpty { state.isRunning = false }
                return taken
            }
            if requests.isEmpty { return }
            await serve(requests)
        }
    }

    private func serve(_ requests: [Request]) async {
        let orders = requests.map { (meter: $0.meter, cost: $0.cost, settles: $0.settles && $0.cost == 0) }
        let clock = clock
        var failure: VaultError?
        do throws(VaultError) {
            try await committer.commit(.leases) { (staging) throws(VaultError) in
                let now = clock.now
                for order in orders {
                    let kept = order.settles ? order.meter.settle(at: now) : order.meter.lease(order.cost, at: now)
                    guard let kept else { continue }
                    try staging.putLease(kept.stored(for: order.meter.lineage), of: order.meter.lineage)
                }
            }
        } catch {
            failure = error
        }
        for order in orders { order.meter.leased(failure == nil) }
        state.withLock { state in
            for order in orders where order.meter.owes { state.owing[order.meter.lineage] = order.meter }
        }
        for request in requests { for waiting in request.waiting { waiting.resume(returning: failure) } }
    }
}
