import Foundation
import Testing

@testable import Policy

/// A folder of its own that goes with the test.
private final class Folder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "keyturn-policies-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ bytes: [UInt8] = Array("x".utf8), mode: Int = 0o644) throws {
        let file = path + "/" + name
        try Data(bytes).write(to: URL(filePath: file))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
    }

    func mode(_ mode: Int) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    var error: PolicyFolderError? {
        do throws(PolicyFolderError) {
            _ = try PolicyFolder.read(path)
            return nil
        } catch {
            return error
        }
    }
}

@Suite("The folder of policies")
struct PolicyFolderTests {
    @Test(
        "A file that the group or others may write is refused by name", arguments: [0o664, 0o646, 0o666, 0o620, 0o602])
    func writableFile(mode: Int) throws {
        let folder = try Folder()
        try folder.write("good.yaml")
        try folder.write("open.yaml", mode: mode)
        #expect(folder.error?.file == "open.yaml")
        #expect(folder.error?.reason == .writableToOthers(isFolder: false))
        #expect(folder.error?.description.contains("chmod go-w") == true)
    }

    @Test("A folder that the group or others may write is refused", arguments: [0o775, 0o757, 0o777, 0o1777])
    func writableFolder(mode: Int) throws {
        let folder = try Folder()
        try folder.write("good.yaml")
        try folder.mode(mode)
        #expect(folder.error == PolicyFolderError(file: nil, reason: .writableToOthers(isFolder: true)))
    }

    @Test("Symbolic links are refused, the folder's own included")
    func links() throws {
        let folder = try Folder()
        let other = try Folder()
        try other.write("real.yaml")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/link.yaml", withDestinationPath: other.path + "/real.yaml")
        #expect(folder.error == PolicyFolderError(file: "link.yaml", reason: .symbolicLink))
        let link = folder.path + "/folder"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: other.path)
        for path in [link, link + "/", link + "//"] {
            #expect(throws: PolicyFolderError(file: nil, reason: .symbolicLink)) { try PolicyFolder.read(path) }
        }
    }

    @Test("A folder or a pipe by the name of a policy is refused, without waiting")
    func kinds() throws {
        let folder = try Folder()
        try FileManager.default.createDirectory(atPath: folder.path + "/x.yaml", withIntermediateDirectories: false)
        #expect(folder.error == PolicyFolderError(file: "x.yaml", reason: .notAFile))
        let pipes = try Folder()
        #expect(mkfifo(pipes.path + "/p.yml", 0o600) == 0)
        #expect(pipes.error == PolicyFolderError(file: "p.yml", reason: .notAFile))
    }

    @Test("A file of 1 MiB is read, and one byte more is refused")
    func size() throws {
        let folder = try Folder()
        try folder.write("a.yaml", [UInt8](repeating: 0x61, count: 1 << 20))
        #expect(try PolicyFolder.read(folder.path).first?.text.utf8.count == 1 << 20)
        try folder.write("a.yaml", [UInt8](repeating: 0x61, count: (1 << 20) + 1))
        #expect(folder.error == PolicyFolderError(file: "a.yaml", reason: .fileTooLarge))
    }

    @Test("More than 16 MiB together, or more than a thousand files, are refused")
    func totals() throws {
        let heavy = try Folder()
        for number in 0..<17 { try heavy.write("\(number).yaml", [UInt8](repeating: 0x61, count: 1 << 20)) }
        #expect(heavy.error?.reason == .folderTooLarge)
        let many = try Folder()
        for number in 0..<1_000 { try many.write("\(number).yaml") }
        #expect(many.error == nil)
        try many.write("1000.yaml")
        #expect(many.error?.reason == .tooManyFiles)
    }

    @Test("Bytes that are not UTF-8, and names that are not printable, are refused")
    func encoding() throws {
        let folder = try Folder()
        try folder.write("latin.yaml", [0x70, 0xfc])
        #expect(folder.error == PolicyFolderError(file: "latin.yaml", reason: .notUTF8))
        let names = try Folder()
        try names.write("a\u{1b}[2J.yaml")
        #expect(names.error == PolicyFolderError(file: nil, reason: .strangeName))
        #expect(names.error?.description.contains("\u{1b}") == false)
    }

    @Test("A folder that is not there, and a file in its place, are refused")
    func missing() throws {
        let folder = try Folder()
        try folder.write("a.yaml")
        #expect(throws: PolicyFolderError(file: nil, reason: .system(ENOENT))) {
            try PolicyFolder.read(folder.path + "/none")
        }
        #expect(throws: PolicyFolderError(file: nil, reason: .notAFolder)) {
            try PolicyFolder.read(folder.path + "/a.yaml")
        }
    }

    @Test("Policy files are read in order; folders, other files and names with a dot first are passed over")
    func reads() throws {
        let folder = try Folder()
        #expect(try PolicyFolder.read(folder.path).isEmpty)
        try folder.write("b.yml", Array("B".utf8))
        try folder.write("a.yaml", Array("ä".utf8))
        try folder.write("C.YAML")
        try folder.write("README.md", mode: 0o666)
        try folder.write(".hidden.yaml", mode: 0o666)
        try folder.write("d.yaml~")
        try FileManager.default.createDirectory(atPath: folder.path + "/sub", withIntermediateDirectories: false)
        try Data("x".utf8).write(to: URL(filePath: folder.path + "/sub/e.yaml"))
        let files = try PolicyFolder.read(folder.path + "/")
        #expect(files.map(\.name) == ["C.YAML", "a.yaml", "b.yml"])
        #expect(files.map(\.text) == ["x", "ä", "B"])
    }
}
