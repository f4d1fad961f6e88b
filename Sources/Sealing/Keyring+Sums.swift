internal import SecretMemory

extension Keyring {
    /// What a record adds to the sums.
    package func sumEntry(_ kind: RecordKind, row: RowID, mark: Mark) -> SumEntry {
        var message = FixedMessage<81>()
        message.append(kind.rawValue)
        message.append(row.bytes)
        message.append(bigEndian: mark.generation)
        message.append(mark.nonce)
        message.append(mark.tag)
        let value = message.withBytes { message in
            sumKey.withBytes { Blake2b.hash(message, key: $0, for: .sum) }
        }
        return SumEntry(bucket: bucket(kind, row: row), value: Sum(littleEndian: value))
    }

    /// Which of the 256 buckets the record at `row` falls into.
    package func bucket(_ kind: RecordKind, row: RowID) -> UInt8 {
        var message = FixedMessage<33>()
        message.append(kind.rawValue)
        message.append(row.bytes)
        return message.withBytes { message in
            sumKey.withBytes { Blake2b.hash(message, key: $0, for: .bucket) }
        }.withBytes { $0.byte(at: 0) }
    }
}
