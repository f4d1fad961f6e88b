internal import NIOCore
internal import Synchronization
internal import Vault
internal import VaultAPI

/// Answers retrievals and verifications on one event loop, without a task: those that come in together are decided
/// together, one after the other, and their lines go to the audit log together. The replies leave when the lines are
/// written.
///
/// It decides nothing: heads are checked by ``Intake``, or were (``RememberedHead``), requests are made by ``Operations``, and the vault answers as it
/// does for everybody.
final class Lane: Sendable {
    private let loop: any EventLoop
    private let desk: FrontDesk
    private let waiting = Mutex<(all: [Waiting], taken: Int, again: Int)>(([], 0, 0))

    private struct Waiting: Sendable {
        var question: Result<Question, any Error>
        var gate: NIOLoopBound<Gate>
    }

    /// What a request asks of the vault.
    private enum Question: Sendable {
        case retrieval(RetrievalRequest)
        case verification(VerificationRequest, VerificationForm)
    }

    /// What the vault answers.
    enum Answer: Sendable {
        case retrieval(Retrieval)
        case verification(Verification, VerificationForm)
    }

    init(loop: any EventLoop, desk: FrontDesk) {
        self.loop = loop
        self.desk = desk
    }

    /// A request that is answered here, once it has paid for itself. It stays on its event loop.
    final class Turn {
        var admission: Admission
        /// Why it is not answered as it wishes.
        var refusal: VaultError?
        /// What its head was read as, where that is kept for the next request.
        var remembered: RememberedHead?
        /// Whether it was not read anew, since it had come before.
        var isAgain = false
        /// What has come of its body.
        var body = ByteBuffer()

        init(_ admission: Admission) { self.admission = admission }

        /// Takes in more of the body. What comes in parts is copied, so that it keeps no more memory than it has bytes.
        func add(_ bytes: ByteBuffer) {
            if bytes.readableBytes == admission.framing.announced {
                body = bytes
            } else {
                body.writeImmutableBuffer(bytes)
            }
        }
    }

    /// Takes a request whose head is in order, where it can be answered here. All others go to the router, which they owe
    /// what they have not paid.
    func takes(_ admission: Admission, from connection: Connection) -> Turn? {
        guard isPlain(admission), connection.isIntroduced else { return nil }
        let turn = Turn(connection.named(admission))
        do throws(VaultError) {
            turn.admission.hasPaid = try desk.vault.spendNow(&turn.admission.requester)
            return turn.admission.hasPaid ? turn : nil
        } catch {
            turn.refusal = error
            return turn
        }
    }

    /// Whether it is a request of those that are made most, without anything unusual.
    private func isPlain(_ admission: Admission) -> Bool {
        switch admission.route.operation {
        case .retrieveValue, .checkKey, .checkKeyHead: return admission.framing.announced == 0
        case .verifyKey:
            guard let length = admission.framing.announced, (1...PlainVerifyBody.mostBytes).contains(length),
                !admission.framing.awaitsContinue
            else { return false }
            // Nobody's body is read for nothing: the router refuses these by their heads.
            if case .none = admission.requester.credential { return false }
            return desk.vault.status().state == .unsealed
        default: return false
        }
    }

    /// Answers a request that is in whole. `gate` is told the reply later, never at once.
    ///
    /// - Returns: false where it has to be decoded by the router.
    func answer(_ turn: Turn, for gate: Gate) -> Bool {
        let question: Result<Question, any Error>
        do {
            if let refusal = turn.refusal { throw refusal }
            guard let asked = try self.question(turn) else { return false }
            question = .success(asked)
        } catch {
            question = .failure(error)
        }
        let one = Waiting(question: question, gate: NIOLoopBound(gate, eventLoop: loop))
        let isFirst = waiting.withLock { waiting in
            waiting.all.append(one)
            waiting.taken += 1
            if turn.isAgain { waiting.again += 1 }
            return waiting.all.count == 1
        }
        // When all connections that have something to read have been read.
        if isFirst { loop.execute { self.run() } }
        return true
    }

    private func question(_ turn: Turn) throws -> Question? {
        if let known = turn.remembered?.question {
            return .retrieval(known.withoutWait(from: turn.admission.requester))
        }
        let operations = Operations(desk: desk, admission: turn.admission)
        switch turn.admission.route.operation {
        case .verifyKey:
            return PlainVerifyBody.question(turn.body).map {
                Question.verification(VerificationRequest(turn.admission.requester, $0), .document)
            }
        case .checkKey, .checkKeyHead:
            let (query, form) = try operations.proxysQuestion()
            return .verification(VerificationRequest(turn.admission.requester, query), form)
        default:
            let asked = try operations.retrieval()
            turn.remembered?.remember(asked)
            return .retrieval(asked)
        }
    }

    /// How many requests were taken so far.
    var taken: Int { waiting.withLock { $0.taken } }

    /// How many of them had a head that had come before.
    var recognised: Int { waiting.withLock { $0.again } }

    private func run() {
        let all = waiting.withLock { waiting in
            let all = waiting.all
            waiting.all = []
            // As many may come the next time.
            waiting.all.reserveCapacity(all.count)
            return all
        }
        var retrievals: [RetrievalRequest] = []
        retrievals.reserveCapacity(all.count)
        var retrievers: [NIOLoopBound<Gate>] = []
        retrievers.reserveCapacity(all.count)
        var verifications: [VerificationRequest] = []
        var verifiers: [(gate: NIOLoopBound<Gate>, form: VerificationForm)] = []
        for one in all {
            switch one.question {
            case .success(.retrieval(let request)) where request.wait != nil: letWait(request, one.gate)
            case .success(.retrieval(let request)):
                retrievals.append(request)
                retrievers.append(one.gate)
            case .success(.verification(let request, let form)):
                verifications.append(request)
                verifiers.append((one.gate, form))
            case .failure(let error): one.gate.value.answer(.failure(error))
            }
        }
        let loop = loop
        if !retrievals.isEmpty {
            let gates = retrievers
            desk.vault.retrieve(retrievals) { outcomes in
                loop.execute {
                    for (index, result) in outcomes {
                        gates[index].value.answer(result.map { Answer.retrieval($0) }.mapError { $0 })
                    }
                }
            }
        }
        if !verifications.isEmpty {
            let asked = verifiers
            desk.vault.verify(verifications) { outcomes in
                loop.execute {
                    for (index, result) in outcomes {
                        let (gate, form) = asked[index]
                        gate.value.answer(result.map { Answer.verification($0, form) }.mapError { $0 })
                    }
                }
            }
        }
    }

    /// Has a request answered that may wait: by itself, so that it keeps none of the others.
    private func letWait(_ request: RetrievalRequest, _ gate: NIOLoopBound<Gate>) {
        let loop = loop
        if let wait = request.wait { gate.value.connection.begin(wait) }
        desk.vault.retrieve([request]) { outcomes in
            loop.execute {
                for (_, result) in outcomes { gate.value.answer(result.map { .retrieval($0) }.mapError { $0 }) }
            }
        }
    }
}
