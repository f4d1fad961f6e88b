internal import Synchronization

/// A store that lasts as long as the process: for tests, and the model that other stores are held to.
package final class MemoryStore: RecordStore {
    private struct State {
        var records: [RecordKey: [UInt8]]
        /// The keys in ascending order, or nil when a key came or went since they were last sorted.
        var sortedKeys: [RecordKey]?
        var isClosed = false
    }

    private let state: Mutex<State>

    package init(_ records: [RecordKey: [UInt8]] = [:]) {
        state = Mutex(State(records: records))
    }

    /// Everything that is stored now.
    package var contents: [RecordKey: [UInt8]] { state.withLock { $0.records } }

    package func read(_ key: RecordKey) throws(StorageError) -> [UInt8]? {
        try state.withLock { (state) throws(StorageError) in
            guard !state.isClosed else { throw .closed }
            return state.records[key]
        }
    }

    package func scan(
        from: RecordKey?, through: RecordKey?,
        _ body: (RecordKey, borrowing RawSpan) throws(StorageError) -> Bool
    ) throws(StorageError) {
        let (keys, records) = try state.withLock {
            (state) throws(StorageError) -> ([RecordKey], [RecordKey: [UInt8]]) in
            guard !state.isClosed else { throw .closed }
            let keys = state.sortedKeys ?? state.records.keys.sorted()
            state.sortedKeys = keys
            return (keys, state.records)
        }
        for key in keys {
            if let from, key < from { continue }
            if let through, through < key { return }
            guard let bytes = records[key] else { continue }
            guard try unsafe body(key, bytes.span.bytes) else { return }
        }
    }

    package func commit(_ batch: RecordBatch) throws(StorageError) {
        try state.withLock { (state) throws(StorageError) in
            guard !state.isClosed else { throw .closed }
            for (key, bytes) in batch.expectations where state.records[key] != bytes { throw .conflict(key) }
            for key in batch.deletes where state.records.removeValue(forKey: key) != nil { state.sortedKeys = nil }
            for (key, bytes) in batch.puts where state.records.updateValue(bytes, forKey: key) == nil {
                state.sortedKeys = nil
            }
        }
    }

    package func checkIdentity() throws(StorageError) {
        guard !state.withLock({ $0.isClosed }) else { throw .closed }
    }

    package func close() { state.withLock { $0.isClosed = true } }
}
