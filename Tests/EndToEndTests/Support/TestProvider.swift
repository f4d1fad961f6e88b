import Foundation
import Testing

/// A provider of API keys that runs beside the tests, and can be told to hold a request still at a step.
final class TestProvider: @unchecked Sendable {
    enum Moment: String { case before, after }

    let port: Int
    private let folder: TemporaryFolder
    private let process = Process()

    init() throws {
        folder = try TemporaryFolder()
        port = try freePort()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = [Programs.python("provider.py"), String(port), folder.path]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        try waitUntil("the provider answers") { (try? state())?.isEmpty == true }
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// Makes a key by hand.
    func make() throws -> (id: String, value: String) {
        let body = #"{"name": "by hand"}"#
        let reply = try sendRaw(
            Data(
                "POST /keys HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                    .utf8), to: port)
        let json = try reply.json()
        return (try #require(json["id"] as? String), try #require(json["value"] as? String))
    }

    /// The keys that are good now: value by id.
    func state() throws -> [String: String] {
        let reply = try sendRaw(Data("GET /state HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".utf8), to: port)
        let keys = try reply.json()["keys"] as? [[String: Any]] ?? []
        return Dictionary(
            keys.compactMap { key in
                (key["id"] as? String).flatMap { id in (key["value"] as? String).map { (id, $0) } }
            }, uniquingKeysWith: { first, _ in first })
    }

    /// Holds the next request of `step` still, before or after its effect.
    func hold(_ step: String, _ moment: Moment) throws {
        for name in ["reached", "done"] { try? FileManager.default.removeItem(atPath: folder.path + "/" + name) }
        try folder.write("", to: "hold-\(step)-\(moment.rawValue)")
    }

    /// Waits until a request is held.
    func awaitHeld() throws {
        try waitUntil("a request is held") { FileManager.default.fileExists(atPath: folder.path + "/reached") }
    }

    /// Lets what is held go on, and waits until it has had its effect.
    func release(_ step: String, _ moment: Moment) throws {
        try FileManager.default.removeItem(atPath: folder.path + "/hold-\(step)-\(moment.rawValue)")
        try waitUntil("the request has its effect") { FileManager.default.fileExists(atPath: folder.path + "/done") }
    }
}
