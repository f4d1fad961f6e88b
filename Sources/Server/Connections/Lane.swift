internal import NIOCore
internal import Synchronization
internal import Vault
internal import VaultAPI

/// Answers retrievals on one event loop, without a task: those that come in together are looked up together, one after the
/// other, and their lines go to the audit log together. The replies leave when the lines are written.
///
/// It decides nothing: heads are checked by ``Intake``, requests are made by ``Operations``, and the vault answers as it
/// does for everybody.
final class Lane: Sendable {
    private let loop: any EventLoop
    private let desk: FrontDesk
    private let waiting = Mutex<(all: [Waiting], taken: Int)>(([], 0))

    private struct Waiting: Sendable {
        var wanted: Result<RetrievalRequest, any Error>
        var gate: NIOLoopBound<Gate>
    }

    init(loop: any EventLoop, desk: FrontDesk) {
        self.loop = loop
        self.desk = desk
    }

    /// A request that is answered here, once it has paid for itself.
    struct Turn: Sendable {
        var admission: Admission
        /// Why it is not answered as it wishes.
        var refusal: VaultError?
    }

    /// Takes a request whose head is in order, where it can be answered here. All others go to the router, which they owe
    /// what they have not paid.
    func takes(_ admission: Admission, from connection: Connection) -> Turn? {
        guard admission.route.operation == .retrieveValue, admission.framing.announced == 0, connection.isIntroduced
        else { return nil }
        var turn = Turn(admission: connection.named(admission))
        do throws(VaultError) {
            return try desk.vault.spendNow(&turn.admission.requester) ? turn : nil
        } catch {
            turn.refusal = error
            return turn
        }
    }

    /// Answers a request that is in whole. `gate` is told the reply later, never at once.
    func answer(_ turn: Turn, for gate: Gate) {
        let wanted = Result {
            if let refusal = turn.refusal { throw refusal }
            return try Operations(desk: desk, admission: turn.admission).retrieval()
        }
        let one = Waiting(wanted: wanted, gate: NIOLoopBound(gate, eventLoop: loop))
        let isFirst = waiting.withLock { waiting in
            waiting.all.append(one)
            waiting.taken += 1
            return waiting.all.count == 1
        }
        // When all connections that have something to read have been read.
        if isFirst { loop.execute { self.run() } }
    }

    /// How many requests were taken so far.
    var taken: Int { waiting.withLock { $0.taken } }

    private func run() {
        let all = waiting.withLock { waiting in
            defer { waiting.all = [] }
            return waiting.all
        }
        var requests: [RetrievalRequest] = []
        var gates: [NIOLoopBound<Gate>] = []
        for one in all {
            switch one.wanted {
            case .success(let request) where request.wait != nil: letWait(request, one.gate)
            case .success(let request):
                requests.append(request)
                gates.append(one.gate)
            case .failure(let error): one.gate.value.answer(.failure(error))
            }
        }
        let (loop, asked) = (loop, gates)
        desk.vault.retrieve(requests) { outcomes in
            loop.execute {
                for (index, result) in outcomes { asked[index].value.answer(result.mapError { $0 }) }
            }
        }
    }

    /// Has a request answered that may wait: by itself, so that it keeps none of the others.
    private func letWait(_ request: RetrievalRequest, _ gate: NIOLoopBound<Gate>) {
        let loop = loop
        if let wait = request.wait { gate.value.connection.begin(wait) }
        desk.vault.retrieve([request]) { outcomes in
            loop.execute { for (_, result) in outcomes { gate.value.answer(result.mapError { $0 }) } }
        }
    }
}
