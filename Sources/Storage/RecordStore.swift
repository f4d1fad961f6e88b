/// An ordered map of opaque bytes with an atomic compare-and-commit.
///
/// A store sees ciphertext and keyed hashes only, and is trusted with nothing more: whoever reads it checks what comes
/// back. All calls are synchronous and may come from any thread.
package protocol RecordStore: Sendable {
    /// The bytes of a record, or nil where there is none.
    func read(_ key: RecordKey) throws(StorageError) -> [UInt8]?

    /// Lends every record with `from <= key <= through` to `body`, in ascending order and as of one moment, until it
    /// returns false. A missing bound is no bound.
    ///
    /// `body` may read. It may not close the store, and a batch that erases traces cannot succeed inside it.
    ///
    /// - Throws: what `body` throws, unchanged.
    func scan(
        from: RecordKey?, through: RecordKey?,
        _ body: (RecordKey, borrowing RawSpan) throws(StorageError) -> Bool
    ) throws(StorageError)

    /// Does all of `batch` or nothing of it. When it returns, the batch is durable.
    ///
    /// - Throws: ``StorageError/conflict(_:)`` naming the first expectation that does not hold,
    ///   ``StorageError/notWritten(reason:)``, ``StorageError/outcomeUnknown(reason:)``,
    ///   ``StorageError/tracesRemain``, ``StorageError/replaced``, ``StorageError/damaged(reason:)``,
    ///   ``StorageError/closed``.
    func commit(_ batch: RecordBatch) throws(StorageError)

    /// Whether the store is still the one that was opened, and nobody else has changed it. Takes microseconds.
    ///
    /// - Throws: ``StorageError/replaced``, or the error that the store refuses everything with.
    func checkIdentity() throws(StorageError)

    /// Ends the use of the store; every later call throws ``StorageError/closed``. A second close does nothing.
    func close()
}
