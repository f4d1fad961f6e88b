import Foundation

extension TestServer {
    /// Runs `body` while the server stands still: nothing is written meanwhile.
    func paused(_ body: () throws -> Void) throws {
        Foundation.kill(pid, SIGSTOP)
        defer { Foundation.kill(pid, SIGCONT) }
        let threads = "/proc/\(pid)/task"
        try waitUntil("the server stands still") {
            try FileManager.default.contentsOfDirectory(atPath: threads).allSatisfy { thread in
                let contents = FileManager.default.contents(atPath: "\(threads)/\(thread)/stat") ?? Data()
                // The state stands behind the name, which is in parentheses.
                return String(decoding: contents, as: UTF8.self).split(separator: ")").last?.hasPrefix(" T ") == true
            }
        }
        try body()
    }
}
