/// Why a store did not do what it was asked.
package enum StorageError: Error, Equatable, CustomStringConvertible {
    /// A record is not what the batch expected; nothing was written.
    case conflict(RecordKey)
    /// Nothing was written, for certain: a full disk, a read-only file, a lock that another process holds.
    case notWritten(reason: String)
    /// The commit may or may not be there. The store refuses everything from here on, with this same error, until it
    /// is opened again: a failed sync is never tried a second time, since the second would succeed without writing.
    case outcomeUnknown(reason: String)
    /// The store's own structure is broken or cannot be read.
    case damaged(reason: String)
    /// The file is no longer the one that was opened, or somebody else wrote to it. Every later call says so too.
    case replaced
    /// The batch is committed and durable, but the bytes that it deleted may still be in a file of the store.
    case tracesRemain
    /// The store has been closed.
    case closed
    /// A newer program wrote the store. Nothing was changed.
    case newerVersion(found: Int, supported: Int)
    /// The file or folder belongs to something else. Nothing was changed.
    case notOurs(reason: String)
    /// Another process has the store.
    case inUse

    package var description: String {
        switch self {
        case .conflict(let key): "record \(key) is not what was expected; nothing was written"
        case .notWritten(let reason): "nothing was written: \(reason)"
        case .outcomeUnknown(let reason): "it is not known what reached the disk: \(reason)"
        case .damaged(let reason): "the store is damaged: \(reason)"
        case .replaced: "the store's file was replaced, removed or changed by somebody else"
        case .tracesRemain: "the change is stored, but traces of what it deleted could not be erased from the disk"
        case .closed: "the store is closed"
        case .newerVersion(let found, let supported):
            "a newer Keyturn wrote the store: it has format \(found), and this one reads formats up to \(supported)"
        case .notOurs(let reason): "this is not a store of ours: \(reason)"
        case .inUse: "another process uses the store"
        }
    }
}
