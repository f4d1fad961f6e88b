package import Outbound
package import Rotation
package import SecretMemory
internal import Synchronization
internal import VaultAPI

/// Tells receivers of rotations, in order for each, without ever keeping whoever posts a notice waiting.
///
/// What is not told yet is in memory alone: it does not survive the process. Whatever is not delivered is told of
/// through `told`, so that the audit log has it.
package final class NoticeDesk: Sendable {
    /// Notices that wait for one receiver.
    package static let longestQueue = 1_000

    private struct Item: Sendable {
        let notice: RotationNotice
        let id: String
        let posted: Int64
    }

    /// One receiver's notices that wait.
    private final class Line: Sendable {
        struct State {
            var items: [Item] = []
            var isClosed = false
        }
        let receiver: NoticeReceiver
        let state = Mutex(State())
        let wake: AsyncStream<Void>
        let waker: AsyncStream<Void>.Continuation

        init(_ receiver: NoticeReceiver) {
            self.receiver = receiver
            (wake, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        }

        /// - Returns: false where there is no room, or nobody at work any more.
        func add(_ item: Item) -> Bool {
            let isAdded = state.withLock { state in
                guard !state.isClosed, state.items.count < longestQueue else { return false }
                state.items.append(item)
                return true
            }
            if isAdded { waker.yield() }
            return isAdded
        }

        func next() -> Item? { state.withLock { $0.items.isEmpty ? nil : $0.items.removeFirst() } }

        /// Takes no more; what waits is given back.
        func close() -> [Item] {
            state.withLock { state in
                defer { state.items = [] }
                state.isClosed = true
                return state.items
            }
        }
    }

    private let lines: [Line]
    private let now: @Sendable () -> Int64
    private let pause: @Sendable (Int64) async throws -> Void
    private let sender: HTTPSender
    private let random: any RandomSource
    private let told: @Sendable (RotationNotice, NoticeOutcome) -> Void

    /// - Parameters:
    ///   - now: milliseconds since 1970.
    ///   - pause: waits so many milliseconds, and throws where the task was cancelled.
    ///   - told: called once for each notice and receiver.
    package init(
        _ receivers: [NoticeReceiver], now: @escaping @Sendable () -> Int64,
        pause: @escaping @Sendable (Int64) async throws -> Void = { try await Task.sleep(for: .milliseconds($0)) },
        sender: HTTPSender = HTTPSender(), random: any RandomSource = SystemRandom(),
        told: @escaping @Sendable (RotationNotice, NoticeOutcome) -> Void
    ) {
        lines = receivers.map(Line.init)
        self.now = now
        self.pause = pause
        self.sender = sender
        self.random = random
        self.told = told
    }

    /// Has `notice` told to all who want to know. Returns at once.
    package func post(_ notice: RotationNotice) {
        let item = Item(notice: notice, id: SHA256.hexadecimal(random.bytes(16)), posted: now())
        for line in lines where line.receiver.kinds.contains(notice.kind) && !line.add(item) {
            tell(item, line, .dropped, tries: 0, nil)
        }
    }

    /// Delivers until the task is cancelled; what waits then is dropped, and told of.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            for line in lines { group.addTask { await self.serve(line) } }
        }
    }

    private func serve(_ line: Line) async {
        while !Task.isCancelled {
            if let item = line.next() {
                await deliver(item, line)
            } else {
                var wakes = line.wake.makeAsyncIterator()
                guard await wakes.next() != nil else { break }
            }
        }
        for item in line.close() { tell(item, line, .dropped, tries: 0, nil) }
    }

    private func deliver(_ item: Item, _ line: Line) async {
        guard let body = try? WireJSON.encode(NoticeBody(item.notice, id: item.id)) else {
            return tell(item, line, .givenUp, tries: 0, .internal)
        }
        var tries = 0
        while true {
            tries += 1
            let ending = await NoticeDelivery.attempt(body, id: item.id, to: line.receiver.way, at: now(), sender)
            switch ending {
            case .taken: return tell(item, line, .delivered, tries: tries, nil)
            case .unwanted(let fault): return tell(item, line, .givenUp, tries: tries, fault)
            case .failed(let fault, let asked):
                if Task.isCancelled { return tell(item, line, .dropped, tries: tries, fault) }
                let chance = random.bytes(4).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                let wait = NoticeSchedule.wait(after: tries, asked: asked, chance: chance)
                guard now() + wait - item.posted <= NoticeSchedule.longest else {
                    return tell(item, line, .givenUp, tries: tries, fault)
                }
                guard (try? await pause(wait)) != nil else {
                    return tell(item, line, .dropped, tries: tries, fault)
                }
            }
        }
    }

    private func tell(
        _ item: Item, _ line: Line, _ ending: NoticeOutcome.Ending, tries: Int, _ fault: RotationFault?
    ) {
        told(item.notice, NoticeOutcome(receiver: line.receiver.name, ending: ending, tries: tries, fault: fault))
    }
}
