import Foundation
import Testing

@testable import Audit

@Suite("A file sink") struct FileAuditSinkTests {
    let folder = TemporaryFolder()

    @Test("takes nothing after it was closed")
    func closed() throws {
        let sink = try FileAuditSink(folder: folder.log, settings: .usual)
        sink.close()
        #expect(throws: AuditError(sink: "file", .closed)) { try sink.append(.read()) }
        #expect(throws: AuditError(sink: "file", .closed)) { try sink.sync() }
        #expect(throws: AuditError(sink: "file", .closed)) { try sink.reopen(time: someTime) }
    }

    @Test("refuses a folder that others may enter")
    func openFolder() throws {
        try FileManager.default.createDirectory(atPath: folder.log, withIntermediateDirectories: false)
        try FileManager.default.setAttributes([.posixPermissions: 0o750], ofItemAtPath: folder.log)
        #expect(throws: AuditError(sink: "file", .unsafeFolder)) {
            try FileAuditSink(folder: folder.log, settings: .usual)
        }
    }

    @Test("refuses a folder that another sink writes to, and leaves that one undisturbed")
    func inUse() throws {
        let sink = try FileAuditSink(folder: folder.log, settings: .usual)
        #expect(throws: AuditError(sink: "file", .inUse)) { try FileAuditSink(folder: folder.log, settings: .usual) }
        try sink.append(.read(), durability: .synced)
        #expect(folder.lines.count == 2)
    }

    @Test("refuses a folder whose parent is missing")
    func missingParent() {
        #expect(throws: AuditError(sink: "file", .missing)) { try FileAuditSink(folder: folder.log + "/a/b") }
    }

    @Test("numbers entries from 1 and goes on after a restart")
    func resumes() throws {
        let first = try FileAuditSink(folder: folder.log, settings: .usual)
        #expect(first.head == .start)
        #expect(try first.append(.read()).sequence == 1)
        let receipt = try first.append(.read(), durability: .synced)
        #expect(receipt.sequence == 2 && first.head == receipt && first.health.synced == receipt)
        first.close()
        let second = try FileAuditSink(folder: folder.log, settings: .usual)
        #expect(second.head == receipt)
        #expect(try second.append(.read()).sequence == 3)
        #expect(folder.files.count == 1)
    }

    @Test("makes its folder 0700 and its files 0600, and keeps a reserve")
    func modes() throws {
        let sink = try FileAuditSink(folder: folder.log, settings: .usual)
        try sink.append(.read())
        #expect(try mode(of: folder.log) == 0o700)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.log) {
            #expect(try mode(of: folder.log + "/" + name) == 0o600)
        }
        #expect(sink.health.reserve == 1 << 20)
    }

    @Test("gives every entry of many threads its own place, in one chain")
    func manyThreads() throws {
        let sink = try FileAuditSink(folder: folder.log, settings: .usual)
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            for number in 0..<50 { _ = try? sink.append(.read(), durability: number % 10 == 0 ? .synced : .written) }
        }
        #expect(sink.head.sequence == 400)
        #expect(folder.lines.count == 401)
    }

    @Test("completes without blocking the caller")
    func completions() async throws {
        let sink = try FileAuditSink(folder: folder.log, settings: .usual)
        let head = try await withCheckedThrowingContinuation { continuation in
            sink.append(.read(), durability: .synced) { continuation.resume(with: $0) }
        }
        #expect(head == sink.head && head.sequence == 1)
    }
}
