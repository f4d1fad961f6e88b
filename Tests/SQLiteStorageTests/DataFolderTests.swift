import Foundation
import Storage
import Testing

@testable import SQLiteStorage

@Suite("The data folder")
struct DataFolderTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func refusal(_ path: String) -> StorageError? {
        do {
            _ = try DataFolder(path)
            return nil
        } catch { return error }
    }

    private func make(_ entries: [String], mode: Int = 0o700) throws {
        try FileManager.default.createDirectory(atPath: folder.data, withIntermediateDirectories: true)
        for name in entries {
            #expect(FileManager.default.createFile(atPath: folder.data + "/" + name, contents: Data("x".utf8)))
        }
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder.data)
    }

    @Test("A folder with things in it and no marker is refused, and nothing in it changes")
    func foreign() throws {
        try make(["holiday.jpg"], mode: 0o755)
        let before = try picture(folder.data)
        guard case .notOurs(let reason)? = refusal(folder.data) else { return #expect(Bool(false), "not refused") }
        #expect(reason.contains("not empty") && reason.contains("keyturn.data"))
        #expect(try picture(folder.data) == before)
        #expect(try mode(folder.data) == 0o755)
    }

    @Test("A data folder that its group or others can reach is refused", arguments: [0o750, 0o701, 0o770])
    func reachable(_ permissions: Int) throws {
        _ = try DataFolder(folder.data)
        try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: folder.data)
        guard case .notOurs(let reason)? = refusal(folder.data) else { return #expect(Bool(false), "not refused") }
        #expect(reason.contains("chmod 700"))
        #expect(try mode(folder.data) == permissions)
    }

    @Test("A symbolic link is refused, with a final slash too", arguments: ["", "/"])
    func link(_ ending: String) throws {
        try make([])
        let link = folder.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder.data)
        guard case .notOurs? = refusal(link + ending) else { return #expect(Bool(false), "not refused") }
        #expect(try picture(folder.data).isEmpty)
    }

    @Test("Another user's folder is refused", .enabled(if: geteuid() == 0))
    func otherUser() throws {
        try make([])
        #expect(chown(folder.data, 4242, 4242) == 0)
        guard case .notOurs(let reason)? = refusal(folder.data) else { return #expect(Bool(false), "not refused") }
        #expect(reason.contains("another user"))
    }

    @Test("A file, no path at all, and a folder in no folder are refused")
    func impossible() throws {
        try Data("x".utf8).write(to: URL(fileURLWithPath: folder.data))
        guard case .notOurs? = refusal(folder.data) else { return #expect(Bool(false), "a file is taken") }
        guard case .notOurs? = refusal("") else { return #expect(Bool(false), "no path is taken") }
        guard case .notWritten? = refusal(folder.path + "/none/data") else { return #expect(Bool(false), "made") }
    }

    @Test("The marker of a newer format is refused and says which formats are known")
    func newer() throws {
        try make([])
        let marker = Data("keyturn data folder\nformat 7\nmore to come\n".utf8)
        try marker.write(to: URL(fileURLWithPath: folder.data + "/keyturn.data"))
        #expect(refusal(folder.data) == .newerVersion(found: 7, supported: 1))
        #expect(try picture(folder.data)["keyturn.data"] == marker)
    }

    @Test(
        "A marker that is not one is refused",
        arguments: [
            "", "x", "keyturn data folder", "keyturn data folder\nformat x\n", "keyturn data folder\nformat 0\n",
        ])
    func malformed(_ text: String) throws {
        try make([])
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder.data + "/keyturn.data"))
        guard case .notOurs? = refusal(folder.data) else { return #expect(Bool(false), "not refused") }
    }

    @Test("A folder that is held is refused, also to the process that holds it, and free again afterwards")
    func held() throws {
        var holder: DataFolder? = try DataFolder(folder.data)
        #expect(refusal(folder.data) == .inUse)
        #expect(refusal(folder.data) == .inUse)
        #expect(holder?.path.hasSuffix("/data") == true)
        holder = nil
        #expect(refusal(folder.data) == nil)
    }

    @Test("A new folder is private, marked, and opens again")
    func fresh() throws {
        #expect(refusal(folder.data + "//") == nil)
        #expect(try mode(folder.data) == 0o700)
        let files = try picture(folder.data)
        #expect(files == ["keyturn.data": Data("keyturn data folder\nformat 1\n".utf8), "lock": Data()])
        for name in files.keys { #expect(try mode(folder.data + "/" + name) == 0o600) }
        #expect(refusal(folder.data) == nil)
    }

    @Test("An empty folder of ours is taken and made private", arguments: [0o755, 0o777, 0o700, 0o500])
    func empty(_ permissions: Int) throws {
        try make([], mode: permissions)
        #expect(refusal(folder.data) == nil)
        #expect(try mode(folder.data) == 0o700)
    }

    @Test("A start that was cut off before the marker was written can be made again")
    func cutOff() throws {
        try make(["lock", "keyturn.data.new"])
        try FileManager.default.createDirectory(atPath: folder.data + "/lost+found", withIntermediateDirectories: false)
        #expect(refusal(folder.data) == nil)
        #expect(FileManager.default.fileExists(atPath: folder.data + "/keyturn.data"))
    }
}
