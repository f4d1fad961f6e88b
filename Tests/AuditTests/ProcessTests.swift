import Foundation
import Glibc
import Testing

@testable import Audit

@Suite("The log and the process", .serialized) struct ProcessTests {
    let folder = TemporaryFolder()

    /// The sink alone, which dies faster than a server; the server's own hundred kills are in `EndToEndTests`.
    @Test("kill -9 under load, 40 times: the chain verifies, and what was acknowledged is there")
    func killed() async throws {
        var folder = folder
        for round in 1...40 {
            // A log of a dozen lives each, so that the verifications do not grow without end.
            if round % 12 == 0 { folder = TemporaryFolder() }
            let path = folder.path
            let lives = 5 + 15 * (round % 7)
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, lives = lives as Int] in
                let sink = try FileAuditSink(folder: path + "/audit", settings: .small)
                let acknowledged = open(path + "/acknowledged", O_WRONLY | O_CREAT | O_APPEND, 0o600)
                DispatchQueue.concurrentPerform(iterations: 4) { thread in
                    for number in 0... {
                        let durability: AuditDurability = number % 8 == thread ? .synced : .written
                        guard let receipt = try? sink.append(.read(), durability: durability) else { return }
                        let line = Array("\(receipt)\n".utf8)
                        _ = write(acknowledged, line, line.count)
                        if thread == 0, number == lives { kill(getpid(), SIGKILL) }
                    }
                }
            }
            let heads = try acknowledged(in: folder)
            #expect(heads.count >= lives)
            let result = try AuditVerifier(folder: folder.log).verify(against: heads)
            #expect(result.finding == nil && result.headsFound == heads.count && result.files >= 1)
        }
    }

    private func acknowledged(in folder: TemporaryFolder) throws -> [AuditHead] {
        let text = try String(contentsOfFile: folder.path + "/acknowledged", encoding: .utf8)
        return text.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: " ")
            guard parts.count == 2, let sequence = UInt64(parts[0]), let hash = AuditHash(hex: Array(parts[1].utf8))
            else {
                return nil
            }
            return AuditHead(sequence: sequence, hash: hash)
        }
    }

    @Test("umask 000: the folder is 0700 and the files 0600; umask 777 too")
    func umasks() async throws {
        let path = folder.path
        await #expect(processExitsWith: .success) { [path = path as String] in
            for mask in [0o000, 0o777] as [mode_t] {
                umask(mask)
                let folder = path + "/audit-\(mask)"
                let sink = try FileAuditSink(folder: folder, settings: .small)
                for _ in 0..<40 { try sink.append(.read()) }
                umask(0o022)
                let names = try FileManager.default.contentsOfDirectory(atPath: folder)
                guard try mode(of: folder) == 0o700, names.count > 3 else { exit(1) }
                for name in names where try mode(of: folder + "/" + name) != 0o600 { exit(2) }
            }
        }
    }

    @Test("a limit on the size of files refuses entries instead of ending the process")
    func fileSizeLimit() async throws {
        let path = folder.path
        await #expect(processExitsWith: .success) { [path = path as String] in
            let sink = try FileAuditSink(folder: path + "/audit", settings: .bare)
            let first = try sink.append(.read(), durability: .synced)
            var limit = rlimit(rlim_cur: 1500, rlim_max: 1500)
            guard setrlimit(__rlimit_resource_t(1), &limit) == 0 else { exit(1) }
            var taken = first.sequence
            while let receipt = try? sink.append(.read()) { taken = receipt.sequence }
            guard sink.health.failure == .full, sink.head.sequence == taken, taken < 10 else { exit(2) }
            let result = try AuditVerifier(folder: path + "/audit").verify(against: [sink.head])
            guard result.finding == nil, result.entries == taken, result.unfinishedBytes == 0 else { exit(3) }
        }
    }
}

extension AuditSettings {
    /// Files of a few entries, and a small reserve.
    static let small: AuditSettings = {
        var settings = AuditSettings()
        settings.fileBytes = 5000
        settings.patience = longPatience
        settings.reserveBytes = 1 << 16
        return settings
    }()
}

@Suite("A full disk") struct FullDiskTests {
    @Test("no entry is taken but an operator's; when space returns, the chain goes on without a gap")
    func full() throws {
        let folder = TemporaryFolder()
        try #require(
            mount("tmpfs", folder.path, "tmpfs", 0, "size=1m,mode=0700") == 0,
            "this test needs to mount a small tmpfs: run it as root")
        defer { umount2(folder.path, Int32(MNT_DETACH)) }
        var settings = AuditSettings.usual
        settings.reserveBytes = 256 << 10
        let sink = try FileAuditSink(folder: folder.log, settings: settings)
        let ballast = folder.path + "/ballast"
        try sink.append(.read(), durability: .synced)
        #expect(FileManager.default.createFile(atPath: ballast, contents: nil))
        let handle = try #require(FileHandle(forWritingAtPath: ballast))
        while (try? handle.write(contentsOf: Data(count: 4096))) != nil {}
        try handle.close()
        // What is left of the file's last page still takes some entries.
        var taken: UInt64 = 1
        while let receipt = try? sink.append(.read()) { taken = receipt.sequence }
        let full = AuditError(sink: "file", .full)
        for _ in 0..<20 { #expect(throws: full) { try sink.append(.read()) } }
        #expect(throws: full) { try sink.append(.read(), durability: .synced) }
        #expect(sink.head.sequence == taken && sink.health.failure == .full && sink.health.reserve == 256 << 10)
        // An operator acts and seals.
        for _ in 0..<20 { try sink.append(.read(), durability: .synced, mayUseReserve: true) }
        #expect(sink.head.sequence == taken + 20 && sink.health.reserve < 256 << 10)
        #expect(throws: full) { try sink.append(.read()) }
        // Space returns.
        try FileManager.default.removeItem(atPath: ballast)
        #expect(try sink.append(.read()).sequence == taken + 21)
        #expect(sink.health.reserve == 256 << 10 && sink.health.failure == nil)
        let result = try AuditVerifier(folder: folder.log).verify(against: [sink.head])
        #expect(result.finding == nil && result.entries == taken + 21 && result.unfinishedBytes == 0)
        sink.close()
    }
}
