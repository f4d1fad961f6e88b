internal import Glibc

/// A line of the log as a message of RFC 5424: `<85>1 2026-11-21T03:29:07.000Z host keyturn 4711 audit - {"seq":…}`.
///
/// The facility is 10 (authorization). The severity is 5 (notice) for what was allowed and 4 (warning) for the rest.
/// Lines are printable ASCII, so that they need no mark of another encoding.
struct SyslogMessage: Sendable {
    private let origin: [UInt8]

    /// - Parameters:
    ///   - host: the machine's name, cut and cleaned as the RFC wants it.
    ///   - process: the process's number.
    init(host: String = Self.hostName, process: Int32 = getpid()) {
        let name = host.utf8.filter { (0x21...0x7E).contains($0) }.prefix(255)
        origin =
            Array(" ".utf8) + (name.isEmpty ? Array("-".utf8) : Array(name))
            + Array(" keyturn \(process) audit - ".utf8)
    }

    func bytes(of line: ForwardQueue.Line) -> [UInt8] {
        var message: [UInt8] = []
        message.reserveCapacity(line.bytes.count + origin.count + 40)
        message.append(contentsOf: (line.isAllowed ? "<85>1 " : "<84>1 ").utf8)
        Timestamp.append(line.time, to: &message)
        message.append(contentsOf: origin)
        message.append(contentsOf: line.bytes)
        return message
    }

    /// The machine's name; empty where it has none.
    static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&name, name.count - 1) == 0 else { return "" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
