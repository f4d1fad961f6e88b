import Foundation
import Testing

/// The memory of another process, as root sees it.
struct ProcessMemory {
    let pid: Int32

    /// Which of `markers` are somewhere in the process's own memory.
    func find(_ markers: [Data]) throws -> Set<Data> {
        let lines = markers.map { marker in marker.map { String(format: "%02x", $0) }.joined() }
        let searched = try run(
            "/usr/bin/python3", [Programs.python("search_memory.py"), String(pid)],
            input: Data(lines.joined(separator: "\n").utf8))
        try #require(searched.code == 0, "\(searched.errors)")
        return Set(searched.output.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }.map { markers[$0] })
    }
}
