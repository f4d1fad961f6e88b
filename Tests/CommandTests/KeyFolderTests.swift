import Foundation
import SecretMemory
import Testing

@testable import keyturn

@Suite("The folder for the files of a run")
struct KeyFolderTests {
    /// A folder in memory for one test.
    private final class Place {
        let path = "/dev/shm/keyturn-test-\(UUID().uuidString.prefix(8))"
        init() throws { try make("", mode: 0o700) }
        deinit { try? FileManager.default.removeItem(atPath: path) }

        /// Makes a folder with a file in it.
        func make(_ name: String, mode: Int) throws {
            let folder = path + "/" + name
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            try Data("x".utf8).write(to: URL(fileURLWithPath: folder + "/token"))
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder)
        }

        var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }
    }

    @Test("What is in use, another user's, open to others, a link or of another name is not cleared away")
    func kept() throws {
        let place = try Place()
        let live = try #require(KeyFolder(in: place.path))
        try Data("x".utf8).write(to: URL(fileURLWithPath: live.path + "/token"))
        try place.make("elsewhere", mode: 0o700)
        try FileManager.default.createSymbolicLink(
            atPath: place.path + "/keyturn-files-linked", withDestinationPath: place.path + "/elsewhere")
        try place.make("keyturn-files-opened", mode: 0o755)
        if geteuid() == 0 {
            try place.make("keyturn-files-others", mode: 0o700)
            try FileManager.default.setAttributes(
                [.ownerAccountID: 1], ofItemAtPath: place.path + "/keyturn-files-others")
        }
        let before = place.names
        KeyFolder.sweep(place.path)
        #expect(place.names == before)
        #expect(FileManager.default.fileExists(atPath: live.path + "/token"))
        #expect(FileManager.default.fileExists(atPath: place.path + "/elsewhere/token"))
        live.remove()
        #expect(!place.names.contains(String(live.path.dropFirst(place.path.count + 1))))
    }

    @Test("What nobody holds any more is cleared away, with the values in it, when the next one is made")
    func cleared() throws {
        let place = try Place()
        try place.make("keyturn-files-orphan", mode: 0o700)
        let files = try KeyFiles([.inOwnFolder("token")], environment: ["XDG_RUNTIME_DIR": place.path])
        let folder = try #require(files.folder)
        #expect(place.names == [String(folder.dropFirst(place.path.count + 1)), "token"])
        let mode = try FileManager.default.attributesOfItem(atPath: folder)[.posixPermissions] as? Int
        #expect(mode == 0o700)
        try files.write(WipedBytes(utf8: "x"), to: .inOwnFolder("token"))
        files.removeAll()
        #expect(place.names == ["token"])
    }
}
