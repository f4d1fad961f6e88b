import CStorageFaults
import Foundation
import SQLiteStorage
import Storage

/// Runs the workload again and again, with the disk failing at the first write or sync, then at the second, and so on
/// until a run comes through untouched; what is acknowledged must be there after each.
struct Sweep {
    let fault: keyturn_fault
    let folder: URL

    struct Failure: Error { let text: String }

    private static let commits = 8

    /// How many faults were survived.
    func run() throws -> Int {
        let template = folder.appendingPathComponent("template")
        try makeTemplate(template.path)
        for nth in 1... {
            let copy = folder.appendingPathComponent("run \(nth)")
            try FileManager.default.copyItem(at: template, to: copy)
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: copy.path)
            let struck = try oneRun(copy.path, nth)
            try FileManager.default.removeItem(at: copy)
            if !struck { return nth - 1 }
        }
        return 0
    }

    /// A log that is moved into the file every few commits, so that this fails too.
    private func open(_ path: String) throws(StorageError) -> SQLiteStore {
        try SQLiteStore(folder: DataFolder(path), logLimit: 50_000)
    }

    /// A store whose log is not empty, as a process leaves it that stopped when a sync had failed.
    private func makeTemplate(_ path: String) throws {
        let store = try open(path)
        for number in UInt64(1)...2 { try store.commit(Workload.batch(number)) }
        keyturn_fault_arm(KEYTURN_FAULT_SYNC, 1)
        guard case .outcomeUnknown? = attempt(3, store) else {
            throw Failure(text: "a commit was acknowledged whose sync had failed")
        }
        keyturn_fault_arm(KEYTURN_FAULT_NONE, 0)
        store.close()
        let log = try FileManager.default.attributesOfItem(atPath: path + "/vault.db-wal")[.size] as? Int
        guard let log, log > 0 else { throw Failure(text: "the log was not left for the next opening") }
    }

    /// False where the run ended before the nth write or sync.
    private func oneRun(_ path: String, _ nth: Int) throws -> Bool {
        keyturn_fault_arm(fault, nth)
        var struck = false
        let (acknowledged, mayBeThere) = try workUntilDoubt(path, &struck)
        // The store is gone here; until then it had been refusing everything.
        guard keyturn_fault_later_syncs() == 0 else { throw Failure(text: "a failed sync was followed by another") }
        struck = struck || keyturn_fault_struck() != 0
        keyturn_fault_arm(KEYTURN_FAULT_NONE, 0)
        let store = try open(path)
        defer { store.close() }
        let found = try Workload.verify(store)
        guard (acknowledged...mayBeThere).contains(found) else {
            throw Failure(text: "fault \(nth): \(found) is stored, \(acknowledged) was acknowledged")
        }
        return struck
    }

    /// The number of the last commit that was acknowledged, and of the last one that may have been written.
    private func workUntilDoubt(_ path: String, _ struck: inout Bool) throws -> (UInt64, UInt64) {
        let store: SQLiteStore
        do { store = try open(path) } catch {
            switch error {
            case .notWritten, .outcomeUnknown: return (2, 3)
            default: throw error
            }
        }
        defer { store.close() }
        var acknowledged = try Workload.verify(store)
        for _ in 0..<Self.commits {
            let next = acknowledged + 1
            switch attempt(next, store) {
            case nil, .tracesRemain: acknowledged = next
            case .notWritten:
                guard try Workload.verify(store) == acknowledged else { throw Failure(text: "a refused commit shows") }
                struck = true
                keyturn_fault_arm(KEYTURN_FAULT_NONE, 0)
                try store.commit(Workload.batch(next))
                acknowledged = next
            case .outcomeUnknown(let reason):
                guard attempt(next, store) == .outcomeUnknown(reason: reason) else {
                    throw Failure(text: "a store in doubt goes on")
                }
                return (acknowledged, next)
            case let other?: throw other
            }
        }
        return (acknowledged, acknowledged)
    }

    private func attempt(_ number: UInt64, _ store: SQLiteStore) -> StorageError? {
        do {
            try store.commit(Workload.batch(number))
            return nil
        } catch { return error }
    }
}
