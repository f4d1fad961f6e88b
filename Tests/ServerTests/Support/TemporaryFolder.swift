import Foundation

/// A folder of its own for one test, removed in the end. Its path is short, because sockets are put into it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = "/tmp/kts-" + String(UInt64.random(in: .min ... .max), radix: 36)
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func folder(_ name: String, mode: Int = 0o700) throws -> String {
        let path = path + "/" + name
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: mode])
        return path
    }

    static func mode(of path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
    }
}
