internal import Notices
internal import ServiceLifecycle

/// Tells receivers of rotations for as long as the server runs, which is until its end where there are none.
struct NoticeService: Service {
    let notices: NoticeDesk

    func run() async throws {
        await cancelWhenGracefulShutdown { await notices.run() }
        try? await gracefulShutdown()
    }
}
