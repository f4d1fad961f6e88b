internal import Glibc

/// How much memory the system and the control group of this process leave, in KiB.
package struct SystemMemory: Sendable, Equatable {
    /// What the process may use at most: the machine's memory or the control group's limit, whichever is less.
    package var usableKiB: UInt64
    /// What could be had now without swapping or passing the control group's limit.
    package var availableKiB: UInt64

    package init(usableKiB: UInt64, availableKiB: UInt64) {
        self.usableKiB = usableKiB
        self.availableKiB = availableKiB
    }

    /// Reads `/proc/meminfo` and the limits of the control group (version 2) that the process is in. Nil where
    /// the first cannot be read.
    package static func now() -> SystemMemory? {
        guard let meminfo = text(of: "/proc/meminfo") else { return nil }
        var limits: [(limit: String, used: String)] = []
        for folder in controlGroupFolders(text(of: "/proc/self/cgroup") ?? "") {
            guard let limit = text(of: folder + "/memory.max"), let used = text(of: folder + "/memory.current") else {
                continue
            }
            limits.append((limit, used))
        }
        return SystemMemory(meminfo: meminfo, controlGroups: limits)
    }

    /// Works the figures out from the texts of those files.
    ///
    /// - Parameters:
    ///   - meminfo: `/proc/meminfo`.
    ///   - controlGroups: `memory.max` and `memory.current` of the group and each group above it.
    package init?(meminfo: String, controlGroups: [(limit: String, used: String)]) {
        func field(_ name: String) -> UInt64? {
            for line in meminfo.split(separator: "\n") where line.hasPrefix(name + ":") {
                return line.split(separator: " ").dropFirst().first.flatMap { UInt64($0) }
            }
            return nil
        }
        guard let total = field("MemTotal"), let available = field("MemAvailable") else { return nil }
        usableKiB = total
        availableKiB = available
        for group in controlGroups {
            // "max" is no number and means no limit.
            guard let limit = UInt64(group.limit.filter { !$0.isWhitespace }),
                let used = UInt64(group.used.filter { !$0.isWhitespace })
            else { continue }
            usableKiB = min(usableKiB, limit / 1024)
            availableKiB = min(availableKiB, limit > used ? (limit - used) / 1024 : 0)
        }
    }

    /// The folder of the group in `/proc/self/cgroup`'s line `0::/a/b`, and of each group above it.
    static func controlGroupFolders(_ text: String) -> [String] {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("0::/") }) else { return [] }
        var folder = "/sys/fs/cgroup"
        var folders = [folder]
        for part in line.dropFirst(3).split(separator: "/") where part != ".." {
            folder += "/" + part
            folders.append(folder)
        }
        return folders
    }

    private static func text(of path: String) -> String? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 16384)
        let count = unsafe read(file, &buffer, buffer.count)
        guard count >= 0 else { return nil }
        return String(decoding: buffer.prefix(count), as: UTF8.self)
    }
}
