internal import NIOCore
internal import Synchronization

/// The connections that are open, so that they can be ended together.
final class ConnectionRegistry: Sendable {
    private let open = Mutex<[ObjectIdentifier: any Channel]>([:])

    func add(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        open.withLock { $0[id] = channel }
        channel.closeFuture.whenComplete { _ in self.open.withLock { _ = $0.removeValue(forKey: id) } }
    }

    /// Ends every connection: those that wait or are still sending at once, those that are being answered after the
    /// reply. What was read from them is given back.
    func retireAll() {
        for channel in open.withLock({ Array($0.values) }) {
            channel.pipeline.fireUserInboundEventTriggered(Gate.Retire())
        }
    }

    /// Returns when what ``retireAll()`` has asked for so far has been done by the event loops.
    func settle() async {
        for channel in open.withLock({ Array($0.values) }) {
            try? await channel.eventLoop.submit {}.get()
        }
    }

    var count: Int { open.withLock { $0.count } }
}
