internal import FoundationEssentials
internal import GRDB
package import Storage
internal import Synchronization

extension SQLiteStore {
    package func commit(_ batch: RecordBatch) throws(StorageError) {
        do {
            try writer.writeWithoutTransaction { db in
                try checkIdentity()
                identity.beginWriting()
                defer { identity.endWriting() }
                let replaced = try write(batch, on: db)
                if batch.erasesTraces {
                    try eraseTraces(of: replaced, keeping: batch.puts.map(\.1), on: db)
                } else {
                    moveLogIfLong(after: batch, on: db)
                }
            }
        } catch { throw SQLiteFailure.beforeCommit(error) }
    }

    /// One transaction. Returns what it deleted and replaced, where that has to be erased.
    private func write(_ batch: RecordBatch, on db: Database) throws -> [[UInt8]] {
        var replaced: [[UInt8]] = []
        do {
            try db.beginTransaction(.immediate)
            guard try SQLiteConnection.dataVersion(db) == knownDataVersion else {
                refuse(with: .replaced)
                throw StorageError.replaced
            }
            for (key, bytes) in batch.expectations where try stored(key, on: db) != bytes {
                throw StorageError.conflict(key)
            }
            if batch.erasesTraces {
                for key in batch.deletes + batch.puts.map(\.0) {
                    if let bytes = try stored(key, on: db) { replaced.append(bytes) }
                }
            }
            try apply(batch, on: db)
        } catch {
            if !rollBack(db) { refuse(with: .outcomeUnknown(reason: "a transaction could not be undone")) }
            // A large batch reaches the log before its end, and a sync can fail there too.
            if let failure = SQLiteFailure.doubt(after: error) { refuse(with: failure) }
            throw error
        }
        do { try db.commit() } catch {
            var failure = SQLiteFailure.atCommit(error)
            if !rollBack(db) { failure = .outcomeUnknown(reason: "a transaction could not be undone") }
            if case .outcomeUnknown = failure { refuse(with: failure) }
            throw failure
        }
        return replaced
    }

    private func apply(_ batch: RecordBatch, on db: Database) throws {
        let delete = try db.cachedStatement(sql: "DELETE FROM record WHERE key = ?")
        for key in batch.deletes { try delete.execute(arguments: [Data(key.bytes)]) }
        // Data without bytes is bound as NULL.
        let put = try db.cachedStatement(
            sql: """
                INSERT INTO record (key, bytes) VALUES (?1, COALESCE(?2, x''))
                ON CONFLICT (key) DO UPDATE SET bytes = excluded.bytes
                """)
        for (key, bytes) in batch.puts { try put.execute(arguments: [Data(key.bytes), Data(bytes)]) }
    }

    private func stored(_ key: RecordKey, on db: Database) throws -> [UInt8]? {
        let statement = try db.cachedStatement(sql: "SELECT bytes FROM record WHERE key = ?")
        return try Data.fetchOne(statement, arguments: [Data(key.bytes)]).map { [UInt8]($0) }
    }

    private func rollBack(_ db: Database) -> Bool {
        if db.isInsideTransaction { try? db.rollback() }
        return !db.isInsideTransaction
    }

    /// Empties the log, then looks for copies that SQLite left in the file's unused space and, where there are any,
    /// has the file written anew.
    private func eraseTraces(of deleted: [[UInt8]], keeping kept: [[UInt8]], on db: Database) throws {
        do {
            guard try Self.truncateLog(db) else { throw StorageError.tracesRemain }
            logGrowth.withLock { $0 = 0 }
            let search = TraceSearch(for: deleted, except: kept)
            guard file.withLock({ $0?.holdsAny(of: search) ?? true }) else { return }
            try db.execute(sql: "VACUUM")
            guard try Self.truncateLog(db) else { throw StorageError.tracesRemain }
        } catch let error as DatabaseError {
            if let failure = SQLiteFailure.doubt(after: error) { refuse(with: failure) }
            throw StorageError.tracesRemain
        }
    }

    /// Moves the log into the file now and then. The batch is durable already: a failure shows at the next call.
    private func moveLogIfLong(after batch: RecordBatch, on db: Database) {
        let written = batch.puts.reduce(0) { $0 + $1.1.count } + (batch.puts.count + batch.deletes.count) * 4096
        let isLong = logGrowth.withLock { growth in
            growth += written
            return growth >= logLimit
        }
        guard isLong else { return }
        logGrowth.withLock { $0 = 0 }
        do { try db.execute(sql: "PRAGMA wal_checkpoint(PASSIVE)") } catch {
            if let failure = SQLiteFailure.doubt(after: error) { refuse(with: failure) }
        }
    }
}
