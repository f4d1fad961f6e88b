internal import FoundationEssentials
internal import Glibc

/// A folder for sockets and the audit log. Its name is short, since the path of a socket may have 107 bytes.
struct TestFolder: Sendable {
    let path: String

    /// - Throws: ``KeyturnTestVaultError``.
    init() throws {
        var template = Array("/tmp/keyturn-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else {
            throw KeyturnTestVaultError(["no folder can be made in /tmp: \(unsafe String(cString: strerror(errno)))"])
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Makes a folder inside.
    func make(_ name: String, mode: mode_t) throws -> String {
        let folder = path + "/" + name
        guard unsafe mkdir(folder, mode) == 0 else {
            throw KeyturnTestVaultError(["\(folder): \(unsafe String(cString: strerror(errno)))"])
        }
        return folder
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
