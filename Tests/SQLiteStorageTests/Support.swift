import Foundation
import SQLiteStorage
import Testing

/// A folder of a test's own, gone when the test is over.
final class TemporaryFolder {
    let path: String
    /// A data folder in it, not made yet.
    var data: String { path + "/data" }
    var database: String { data + "/vault.db" }

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("keyturn-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// The permission bits of a file or folder.
func mode(_ path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
}

/// What lies in a folder: names and contents. Not for a folder whose store is open in this process.
func picture(_ path: String) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: path) {
        files[name] = FileManager.default.contents(atPath: path + "/" + name) ?? Data()
    }
    return files
}

/// A program that runs beside the test: `StorageTestProcess` unless said otherwise.
final class Companion {
    private let process = Process()
    private let output = Pipe()
    private let input = Pipe()
    private var unread = Data()

    init(_ arguments: String..., program: String? = nil) throws {
        let ours = URL(fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        process.executableURL =
            program.map { URL(fileURLWithPath: $0) }
            ?? ours.deletingLastPathComponent().appendingPathComponent("StorageTestProcess")
        process.arguments = arguments
        process.standardOutput = output
        process.standardInput = input
        try process.run()
    }

    deinit { if process.isRunning { kill() } }

    /// The next line that it says, or nil when it has said everything.
    func line() -> String? {
        while true {
            if let end = unread.firstIndex(of: 0x0A) {
                let line = String(decoding: unread[unread.startIndex..<end], as: UTF8.self)
                unread = Data(unread[unread.index(after: end)...])
                return line
            }
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { return nil }
            unread += more
        }
    }

    /// As `kill -9`.
    func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func endInput() { try? input.fileHandleForWriting.close() }

    /// Waits for the end and returns the exit code.
    func wait() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }
}
