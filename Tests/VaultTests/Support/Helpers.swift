import Policy
import SecretMemory
import Sealing
import Storage
import StorageConformance
import Synchronization
import Testing

@testable import Vault

/// A clock that stands still until it is moved.
final class TestClock: Sendable {
    /// 2026-01-01T00:00:00Z.
    static let start: Timestamp = 1_767_225_600_000
    private let time = Mutex((now: start, reads: 0))

    var now: Timestamp {
        get {
            time.withLock { time in
                time.reads += 1
                return time.now
            }
        }
        set { time.withLock { $0.now = newValue } }
    }

    /// How often it was looked at.
    var reads: Int { time.withLock { $0.reads } }

    func advance(_ milliseconds: Int64) { time.withLock { $0.now += milliseconds } }
}

extension Int64 {
    static let second: Int64 = 1_000
    static let minute: Int64 = 60_000
    static let hour: Int64 = 3_600_000
    static let day: Int64 = 86_400_000
}

/// A test came where it should not.
struct Unexpected: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

func secret(_ text: String) throws -> SecretBytes { try SecretBytes(copying: Array(text.utf8).span.bytes) }
func path(_ text: String) throws -> ResourcePath { try ResourcePath(parsing: text) }

extension SecretField {
    init(_ name: String, _ value: String) { self.init(name: name, value: WipedBytes(utf8: value)) }
}

extension WipedBytes {
    var text: String { disclosedText() ?? "" }
}

/// The vault's error that `body` ends with; nil where it succeeds.
func failure<R>(_ body: () async throws -> R) async -> VaultError? {
    do {
        _ = try await body()
        return nil
    } catch {
        if let error = error as? VaultError { return error }
        Issue.record(error)
        return nil
    }
}

/// The code of the vault's error that `body` ends with; nil where it succeeds.
func code<R>(_ body: () async throws -> R) async -> VaultError.Code? { await failure(body)?.code }

extension RecordStore {
    /// Overwrites records behind the vault's back; nil removes one.
    func tamper(_ records: [RecordKey: [UInt8]?]) throws {
        try commit(
            RecordBatch(
                puts: records.compactMap { key, bytes in bytes.map { (key, $0) } },
                deletes: records.filter { $0.value == nil }.map(\.key)))
    }
}

extension FaultInjectingStore {
    /// Everything that is stored.
    func contents() throws -> [RecordKey: [UInt8]] {
        Dictionary(uniqueKeysWithValues: try all())
    }
}

extension RecordStore {
    /// How many records of a kind there are.
    func count(of kind: RecordKind) throws -> Int { try rows(of: kind).count }

    /// The keys of all records of a kind.
    func rows(of kind: RecordKind) throws -> [RecordKey] { try all().map(\.0).filter { $0.bytes[0] == kind.rawValue } }
}

extension FaultInjectingStore {
    /// Everything that is stored, as it would be found after a restart.
    func contents(reopened: Bool) throws -> [RecordKey: [UInt8]] {
        if reopened { reopen() }
        // Read faults that nothing has met yet are met here.
        for _ in 0..<5 { if let found = try? contents() { return found } }
        return try contents()
    }
}
