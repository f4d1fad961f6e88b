/// What one commit does: all of it or nothing.
///
/// Every expectation is compared with what is stored before anything changes. Deletes come before puts, and a later
/// put of a key replaces an earlier one. A deleted key need not be there.
package struct RecordBatch: Sendable {
    /// What must be stored for the batch to be written; nil stands for a record that must be absent.
    package var expectations: [(key: RecordKey, bytes: [UInt8]?)]
    package var puts: [(RecordKey, [UInt8])]
    package var deletes: [RecordKey]
    /// Whether the bytes that this batch deletes or replaces must be gone from the store's files when the commit
    /// returns. What earlier batches replaced is covered only by their own request. A batch that does nothing but ask
    /// for this tries again what ended in ``StorageError/tracesRemain``.
    package var erasesTraces: Bool

    package init(
        expectations: [(key: RecordKey, bytes: [UInt8]?)] = [], puts: [(RecordKey, [UInt8])] = [],
        deletes: [RecordKey] = [], erasesTraces: Bool = false
    ) {
        self.expectations = expectations
        self.puts = puts
        self.deletes = deletes
        self.erasesTraces = erasesTraces
    }
}
