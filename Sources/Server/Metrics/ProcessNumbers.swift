internal import FoundationEssentials
internal import Glibc

/// What the kernel says of this process.
struct ProcessNumbers: Sendable {
    /// Seconds since 1970.
    var started: Double?
    var cpuSeconds: Double
    var residentBytes: Int?
    var virtualBytes: Int?
    var openFiles: Int?
    var mostFiles: Int?

    static func now() -> ProcessNumbers {
        let memory = words("/proc/self/statm").compactMap { Int($0) }
        let stat = text("/proc/self/stat")
        let page = sysconf(CInt(_SC_PAGESIZE))
        return ProcessNumbers(
            started: seconds(stat, 22).flatMap { age in booted.map { $0 + age } },
            cpuSeconds: (seconds(stat, 14) ?? 0) + (seconds(stat, 15) ?? 0),
            residentBytes: memory.count > 1 ? memory[1] * page : nil,
            virtualBytes: memory.first.map { $0 * page },
            // The list itself is open while it is read.
            openFiles: (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")).map { $0.count - 1 },
            mostFiles: mostFiles())
    }

    /// When the machine started, in seconds since 1970.
    private static let booted: Double? = text("/proc/stat").split(separator: "\n")
        .first { $0.hasPrefix("btime ") }.flatMap { Double($0.dropFirst("btime ".count)) }

    /// Field n of `/proc/self/stat`, counted as proc(5) does, in seconds; from the third on. The name before, in
    /// brackets, may hold anything.
    private static func seconds(_ stat: String, _ field: Int) -> Double? {
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[end...].split(separator: " ")
        guard fields.count > field - 2, let ticks = Double(fields[field - 2]) else { return nil }
        return ticks / Double(sysconf(CInt(_SC_CLK_TCK)))
    }

    private static func mostFiles() -> Int? {
        words("/proc/self/limits", line: "Max open files").compactMap { Int($0) }.first
    }

    private static func words(_ path: String, line start: String = "") -> [Substring] {
        let line = text(path).split(separator: "\n").first { $0.hasPrefix(start) } ?? ""
        return line.split(separator: " ")
    }

    /// A file of the kernel's, which has no size beforehand.
    private static func text(_ path: String) -> String {
        guard let file = unsafe fopen(path, "re") else { return "" }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
