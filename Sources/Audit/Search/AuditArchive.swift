internal import Dispatch
internal import Synchronization

/// Searches a log that is being written, by an index that it keeps up to date, on threads of its own.
package final class AuditArchive: Sendable {
    /// How much work is done at a time.
    package struct Limits: Sendable {
        /// After so many milliseconds a search gives what it has, and where to go on.
        package var searchTime: Int64 = 500
        /// Searches that may wait for one of the threads.
        package var mostWaiting = 32
        /// After so many milliseconds the index is left for the next time. One file is taken in whole.
        package var indexTime: Int64 = 200
        /// Lines that the index tells from others together: some 350 KiB of log, read in a fraction of a millisecond.
        package var blockEntries = 1024

        package init() {}
    }

    /// Why a search could not be made.
    package enum Failure: Error, Equatable, Sendable {
        /// Too many wait already.
        case overloaded
        case audit(AuditError)
    }

    private let folder: String
    private let name: String
    private let limits: Limits
    private let now: @Sendable () -> Int64
    private let index: LogIndex
    private let isIndexing = Mutex(false)
    private let waiting = Mutex([0, 0])
    private let searchers = [
        DispatchQueue(label: "keyturn.audit-search-1"), DispatchQueue(label: "keyturn.audit-search-2"),
    ]
    private let indexer = DispatchQueue(label: "keyturn.audit-index")

    /// - Parameters:
    ///   - folder: the log's folder, which another part of this process writes to.
    ///   - name: stands in errors.
    ///   - now: milliseconds of a steady clock.
    package convenience init(folder: String, name: String = "file", limits: Limits = Limits()) {
        self.init(folder: folder, name: name, limits: limits, now: steadyMilliseconds)
    }

    init(folder: String, name: String, limits: Limits, now: @escaping @Sendable () -> Int64) {
        self.folder = folder
        self.name = name
        self.limits = limits
        self.now = now
        index = LogIndex(blockEntries: limits.blockEntries)
    }

    /// Searches on this thread.
    ///
    /// - Parameters:
    ///   - through: the last entry that may be shown.
    ///   - key: nil: index files are not believed.
    package func search(
        _ filter: AuditFilter, through: UInt64 = .max, key: AuditIndexKey?
    ) throws(AuditError) -> AuditPage {
        let end = now() + limits.searchTime
        let now = now
        let index = index
        return try inFolder { (folder: any LogFolder) throws(FileFault) in
            var search = LogSearch(filter, through: through, isOver: { now() >= end })
            return try search.run(in: folder) { first, file, facts, isLast in
                index.index(of: first, file, facts, isLast: isLast, in: folder, key: key)
            }
        }
    }

    /// Searches on a thread that is kept for it, a few searches at a time.
    package func search(_ filter: AuditFilter, through: UInt64, key: AuditIndexKey) async throws(Failure) -> AuditPage {
        let line = waiting.withLock { waiting -> Int? in
            let line = waiting[0] <= waiting[1] ? 0 : 1
            guard waiting[line] <= limits.mostWaiting / 2 else { return nil }
            waiting[line] += 1
            return line
        }
        guard let line else { throw .overloaded }
        let result: Result<AuditPage, AuditError> = await withCheckedContinuation { continuation in
            searchers[line].async {
                let result: Result<AuditPage, AuditError>
                do throws(AuditError) {
                    result = .success(try self.search(filter, through: through, key: key))
                } catch {
                    result = .failure(error)
                }
                self.waiting.withLock { $0[line] -= 1 }
                continuation.resume(returning: result)
            }
        }
        do throws(AuditError) { return try result.get() } catch { throw .audit(error) }
    }

    /// Has the index taken further on a thread that is kept for it, unless that is being done. To be called every second
    /// or so while the vault is unsealed.
    ///
    /// - Parameters:
    ///   - through: the last entry that was written.
    ///   - mayWrite: whether the log's folder has space to give away.
    package func maintain(through: UInt64, key: AuditIndexKey, mayWrite: Bool) {
        let isFree = isIndexing.withLock { isIndexing in
            defer { isIndexing = true }
            return !isIndexing
        }
        guard isFree else { return }
        indexer.async {
            // What could not be made now is made the next time, and missing it costs time only.
            _ = try? self.advance(through: through, key: key, mayWrite: mayWrite)
            self.isIndexing.withLock { $0 = false }
        }
    }

    /// Takes the index further on this thread.
    ///
    /// - Returns: whether it has come to the end.
    @discardableResult
    package func advance(through: UInt64, key: AuditIndexKey, mayWrite: Bool = true) throws(AuditError) -> Bool {
        let end = now() + limits.indexTime
        let now = now
        let index = index
        return try inFolder { (folder: any LogFolder) throws(FileFault) in
            try index.advance(in: folder, through: through, key: key, mayWrite: mayWrite, isOver: { now() >= end })
        }
    }

    /// Opens the folder anew: it may have been moved away and another put in its place.
    private func inFolder<R>(_ body: (any LogFolder) throws(FileFault) -> R) throws(AuditError) -> R {
        do throws(FolderFault) {
            let folder = try SystemLogFolder(folder, owned: false)
            do throws(FileFault) { return try body(folder) } catch { throw FolderFault.file(error) }
        } catch {
            guard case .file(let fault) = error else { throw AuditError(sink: name, .inputOutput) }
            throw AuditError(sink: name, fault.reason)
        }
    }
}
