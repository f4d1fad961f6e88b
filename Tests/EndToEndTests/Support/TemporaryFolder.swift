import Foundation

/// A folder that is gone when the test is over. Others may enter it, so that another user can reach a socket in it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = "/tmp/keyturn-e2e-\(UUID().uuidString.prefix(18))"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Adds to a file of the folder, in one write.
    func append(_ text: String, to name: String) throws {
        let file = path + "/" + name
        if !FileManager.default.fileExists(atPath: file) { try write("", to: name) }
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }

    /// The whole lines of a file of the folder; none where it is not there.
    func lines(of name: String) throws -> [String] {
        guard let text = try? String(contentsOfFile: path + "/" + name, encoding: .utf8) else { return [] }
        return text.split(separator: "\n").map(String.init)
    }

    @discardableResult
    func write(_ text: String, to name: String, mode: Int = 0o600) throws -> String {
        let file = path + "/" + name
        try FileManager.default.createDirectory(
            atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        return file
    }
}

/// Every file beneath `folder`.
func filesBeneath(_ folder: String) -> [String] {
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return names.map { folder + "/" + $0 }.filter { path in
        (try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType) == .typeRegular
    }
}
