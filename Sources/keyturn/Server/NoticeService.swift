internal import Notices
internal import ServiceLifecycle

/// Tells receivers of rotations for as long as the server runs.
struct NoticeService: Service {
    let notices: NoticeDesk

    func run() async throws { await cancelWhenGracefulShutdown { await notices.run() } }
}
