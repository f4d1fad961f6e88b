internal import FoundationEssentials
internal import Glibc

/// What the process finds around it.
enum Surroundings {
    /// The environment.
    static var environment: [String: String] { ProcessInfo.processInfo.environment }

    /// Milliseconds since 1970 by the system's clock.
    static var now: Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Whether something is at the path.
    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    static var isRoot: Bool { geteuid() == 0 }
}
