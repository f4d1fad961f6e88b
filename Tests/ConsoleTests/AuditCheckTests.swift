import Audit
import Foundation
import SecretMemory
import Synchronization
import Testing
import Vault

@testable import Console

/// A verification of the log that runs while the vault is sealed.
@Suite struct AuditCheckTests {
    @Test("Sealing ends a verification that runs, and nothing keeps the access key that it was begun with")
    func sealed() async throws {
        let hasBegun = Flag()
        let (scene, key) = try await ConsoleScene.opened { EndlessLog(log: $0, hasBegun: hasBegun) }
        let watch = begin(scene, key)
        try await wait { hasBegun.isSet }
        #expect(watch.key != nil)
        try await scene.vault.seal(scene.requester(key))
        guard case .stopped = scene.console.auditCheck.state else {
            Issue.record("the verification goes on in a sealed vault")
            return
        }
        try await wait { watch.key == nil }
    }

    private func begin(_ scene: ConsoleScene, _ key: String) -> Watch {
        let text = WipedBytes(utf8: key)
        var requester = scene.requester(nil)
        requester.credential = .accessKey(text)
        scene.console.auditCheck.begin(scene.vault, requester, known: nil, mayBeginLater: false)
        return Watch(text)
    }

    /// Waits for what other threads do, for a minute at most.
    private func wait(until holds: () -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while !holds(), ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(2)) }
        #expect(holds())
    }
}

/// What must not be in memory any more.
private final class Watch {
    weak var key: WipedBytes?
    init(_ key: WipedBytes) { self.key = key }
}

private final class Flag: Sendable {
    private let flag = Atomic<Bool>(false)
    var isSet: Bool { flag.load(ordering: .acquiring) }
    func set() { flag.store(true, ordering: .releasing) }
}

/// A log that is verified for as long as somebody wants to know.
private struct EndlessLog: AuditLog {
    let log: AuditLogFolder
    let hasBegun: Flag

    var archive: AuditArchive? { log.archive }

    func tail(
        after head: AuditHead, accepted: [AcceptedBreak], _ body: (AuditRecord) -> Bool
    ) throws(AuditError) -> AuditFinding? {
        try log.tail(after: head, accepted: accepted, body)
    }

    func forEach(from first: UInt64, _ body: (AuditRecord) -> Bool) throws(AuditError) {
        try log.forEach(from: first, body)
    }

    func verify(
        against heads: [AuditHead], accepted: [AcceptedBreak], mayBeginLater: Bool, while goesOn: () -> Bool
    ) throws(AuditError) -> AuditVerification? {
        hasBegun.set()
        while goesOn() { Thread.sleep(forTimeInterval: 0.002) }
        return nil
    }

    func survey(known: [AcceptedBreak], firstLost: UInt64?) throws(AuditError) -> LogBreaks {
        try log.survey(known: known, firstLost: firstLost)
    }

    func keep(checkpoint note: String) throws(AuditError) { try log.keep(checkpoint: note) }
}
