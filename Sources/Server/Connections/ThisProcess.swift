internal import Glibc

/// What the server needs to know of the process that it runs in.
enum ThisProcess {
    /// The user it runs as.
    static var user: UInt32 { geteuid() }

    /// What the kernel says instead of a user that has no number here: `/proc/sys/kernel/overflowuid`, usually 65534.
    static var overflowUser: UInt32 {
        guard let file = unsafe fopen("/proc/sys/kernel/overflowuid", "re") else { return 65534 }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = unsafe fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: "\n").first.flatMap { UInt32($0) }
            ?? 65534
    }

    /// Why nobody can listen at `place`.
    static func bindFailure(_ place: String, _ code: CInt) -> String {
        switch code {
        case EADDRINUSE: "\(place) is in use by another program; stop it or choose another port"
        case EACCES, EPERM: "this user may not listen on \(place)"
        case EADDRNOTAVAIL: "\(place) is no address of this host"
        default: "listening on \(place) failed (error \(code))"
        }
    }
}
