import Foundation
import Storage
import StorageConformance
import TestThreads
import Testing

@testable import SQLiteStorage

@Suite("Processes and disks that fail", .blocks)
struct ProcessTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    @Test("After kill -9 everything acknowledged is there, and nothing is half there")
    func killed() throws {
        var acknowledged: UInt64 = 0
        for round in 1...6 {
            let child = try Companion("commit", folder.data)
            for _ in 0..<(round * 7) {
                acknowledged = try #require(child.line().flatMap(UInt64.init))
            }
            child.kill()
            while let more = child.line() { acknowledged = try #require(UInt64(more)) }
            let found = try #require(try Companion("verify", folder.data).line())
            #expect([acknowledged, acknowledged + 1].map(String.init).contains(found))
        }
    }

    @Test(
        "Whichever write or sync fails, nothing acknowledged is lost and no failed sync is tried again",
        arguments: ["full", "short", "write", "sync"])
    func swept(_ fault: String) throws {
        let said = try #require(try Companion("sweep", folder.path, fault).line())
        let survived = try #require(Int(said.split(separator: " ").last ?? ""), "\(said)")
        #expect(said.hasPrefix("survived"))
        #expect(survived > 8, "the workload must write and sync, or the test shows nothing")
    }

    @Test("Files and folders are private under every umask", arguments: ["000", "077", "777"])
    func privacy(_ mask: String) throws {
        let child = try Companion("hold", folder.data, mask)
        #expect(child.line() == "ready")
        #expect(try mode(folder.data) == 0o700)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.data)
        #expect(Set(names) == ["keyturn.data", "lock", "vault.db", "vault.db-wal", "vault.db-shm"])
        for name in names { #expect(try mode(folder.data + "/" + name) == 0o600, "\(name)") }
        child.endInput()
        #expect(child.line() == "done")
    }

    @Test("A second process is refused, and the first goes on undisturbed")
    func second() throws {
        let first = try Companion("hold", folder.data, "077")
        #expect(first.line() == "ready")
        for _ in 0..<2 {
            #expect(try Companion("verify", folder.data).line() == "error: another process uses the store")
            #expect(throws: StorageError.inUse) { try SQLiteStore(folder: folder.data) }
        }
        first.endInput()
        #expect(first.line() == "done")
        #expect(try Companion("verify", folder.data).line() == "2")
    }

    @Test("A store that was closed is free, though a process that is being started still shares its descriptors")
    func shared() throws {
        let store = try SQLiteStore(folder: folder.data)
        let lock = URL(filePath: folder.data + "/lock").resolvingSymlinksInPath().path()
        let held = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { Int32($0) }
            .filter { (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == lock }
        // As a child has it between fork and exec.
        let shared = dup(try #require(held.first))
        defer { Glibc.close(shared) }
        #expect(throws: StorageError.inUse) { try SQLiteStore(folder: folder.data) }
        store.close()
        try SQLiteStore(folder: folder.data).close()
    }

    @Test("On a full disk commits are refused, what was acknowledged stays, and space lets it go on")
    func fullDisk() throws {
        guard geteuid() == 0 else { return }
        try FileManager.default.createDirectory(atPath: folder.data, withIntermediateDirectories: false)
        guard
            try Companion("-t", "tmpfs", "-o", "size=400k,mode=700", "tmpfs", folder.data, program: "/bin/mount").wait()
                == 0
        else { return }
        defer { _ = try? Companion(folder.data, program: "/bin/umount").wait() }
        let ballast = folder.data + "/audit"
        let store = try SQLiteStore(folder: folder.data)
        defer { store.close() }
        #expect(FileManager.default.createFile(atPath: ballast, contents: Data(repeating: 1, count: 100_000)))
        var acknowledged: UInt8 = 0
        do {
            while acknowledged < 100 {
                try store.commit(
                    RecordBatch(puts: [(RecordKey([acknowledged]), [UInt8](repeating: acknowledged, count: 9000))]))
                acknowledged += 1
            }
        } catch { guard case .notWritten = error else { throw error } }
        #expect(acknowledged > 3 && acknowledged < 100)
        #expect(try store.all().count == Int(acknowledged))
        try store.checkIdentity()
        try FileManager.default.removeItem(atPath: ballast)
        try store.commit(RecordBatch(puts: [(RecordKey([acknowledged]), [])]))
        store.close()
        let again = try SQLiteStore(folder: folder.data)
        #expect(try again.all().count == Int(acknowledged) + 1)
        again.close()
    }
}
