import FakeServer
import Notices
import Outbound
import Rotation
import SecretMemory
import Synchronization

/// A desk whose clock jumps over each wait, and what it tells.
final class NoticeScene: Sendable {
    struct Told: Equatable, Sendable {
        let path: String
        let outcome: NoticeOutcome
    }

    static let beginning: Int64 = 1_800_000_000_000
    static let secret = "a secret of some length"

    let desk: NoticeDesk
    private let clock = Clock()
    private let told: AsyncStream<Told>

    /// The time, and the waits that moved it.
    final class Clock: Sendable {
        private struct Times {
            var now = beginning
            var waits: [Int64] = []
        }
        private let times = Mutex(Times())

        var now: Int64 { times.withLock { $0.now } }
        var waits: [Int64] { times.withLock { $0.waits } }
        func pause(_ milliseconds: Int64) throws {
            try Task.checkCancellation()
            times.withLock { times in
                times.now += milliseconds
                times.waits.append(milliseconds)
            }
        }
    }

    init(_ receivers: [NoticeReceiver], resolver: any Resolver = SystemResolver()) {
        let (told, continuation) = AsyncStream<Told>.makeStream()
        self.told = told
        let clock = clock
        desk = NoticeDesk(
            receivers, now: { clock.now }, pause: { try clock.pause($0) }, sender: HTTPSender(resolver: resolver)
        ) { notice, outcome in
            guard case .key(let path, _, _) = notice.subject else { return }
            continuation.yield(Told(path: path, outcome: outcome))
        }
    }

    var waits: [Int64] { clock.waits }

    /// Delivers until `count` outcomes were told, and stops; those told at the stop come after them.
    func run(until count: Int) async -> [Told] {
        let task = Task { await desk.run() }
        var seen: [Told] = []
        for await one in told {
            seen.append(one)
            if seen.count == count { break }
        }
        task.cancel()
        await task.value
        return seen
    }

    static func webhook(
        _ port: Int, _ name: String = "ops", kinds: Set<RotationNotice.Kind> = Set(RotationNotice.Kind.allCases),
        secret: String? = secret
    ) throws -> NoticeReceiver {
        let webhook = try Webhook(url: "http://127.0.0.1:\(port)/hooks/keyturn?x=1") {
            secret.map { WipedBytes(utf8: $0) }
        }
        return NoticeReceiver(name: name, kinds: kinds, way: .webhook(webhook))
    }

    static func notice(_ path: String = "payments/stripe", _ kind: RotationNotice.Kind = .rotated) -> RotationNotice {
        RotationNotice(
            kind, of: .key(path: path, id: String(repeating: "0", count: 31) + "1", version: 3),
            time: 1_799_999_999_500)
    }
}
