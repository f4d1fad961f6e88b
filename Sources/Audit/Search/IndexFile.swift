internal import CSodium

/// Authenticates index files: whoever does not have it cannot make one that hides an entry.
///
/// 32 bytes that the vault derives while it is unsealed, and that are kept nowhere.
package struct AuditIndexKey: Sendable {
    fileprivate let bytes: [UInt8]

    /// - Returns: nil unless there are 32 bytes.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }
}

/// The index of one closed file, as it lies beside it: `index-` and the 16 digits of the log file's name.
///
/// Numbers are little-endian. It is bound to the log file by size, inode and time of last change, and closed by a keyed
/// BLAKE2b hash of all of it; what does not fit is not used, and made anew from the log.
enum IndexFile {
    static let prefix = "index-"
    private static let magic = Array("keyturn audit index 1\n\0\0".utf8)
    /// The most bytes of an index file: four times what a log file of the usual size can need.
    static let mostBytes: Int64 = 32 << 20

    /// The name of the index of the log file that begins with entry `first`.
    static func name(of first: UInt64) -> String {
        prefix + LogFileName.of(first: first).dropFirst("audit-".count).dropLast(".jsonl".count)
    }

    static func encode(_ index: FileIndex, of facts: FileFacts, key: AuditIndexKey) -> [UInt8] {
        var bytes = magic
        bytes.reserveCapacity(128 + index.blocks.count * 56 + index.words.count * 8)
        append(binding(facts, index.covered), to: &bytes)
        index.lastHash.append(to: &bytes)
        append([UInt64(index.blocks.count), UInt64(index.words.count)], to: &bytes)
        for block in index.blocks {
            append(
                [
                    UInt64(bitPattern: block.offset), UInt64(block.length), block.sequences.lowerBound,
                    block.sequences.upperBound, UInt64(bitPattern: block.times.lowerBound),
                    UInt64(bitPattern: block.times.upperBound),
                    UInt64(block.filter.lowerBound) << 32
                        | UInt64(block.filter.upperBound),
                ], to: &bytes)
        }
        append(index.words, to: &bytes)
        return bytes + authenticator(bytes[...], key)
    }

    /// - Returns: nil where the bytes are not an index of a log file with these facts, made with this key.
    static func decode(_ bytes: [UInt8], of facts: FileFacts, key: AuditIndexKey) -> FileIndex? {
        let head = magic.count + 4 * 8 + 32 + 2 * 8
        guard bytes.count >= head + 32, bytes.starts(with: magic) else { return nil }
        let content = bytes[..<(bytes.count - 32)]
        guard authenticator(content, key) == Array(bytes[(bytes.count - 32)...]) else { return nil }
        var reader = WordReader(bytes: content, position: magic.count)
        let bound = (0..<4).compactMap { _ in reader.next() }
        guard bound.count == 4, bound == binding(facts, Int64(bitPattern: bound[3])) else { return nil }
        let covered = Int64(bitPattern: bound[3])
        guard let hash = AuditHash(bytes: content[reader.position..<(reader.position + 32)]) else { return nil }
        reader.position += 32
        guard let blocks = reader.next(), let words = reader.next(), covered >= 0, covered <= facts.size,
            blocks <= content.count, words <= content.count,
            content.count == head + Int(blocks) * 56 + Int(words) * 8
        else { return nil }
        var index = FileIndex(from: 0)
        var list: [IndexBlock] = []
        list.reserveCapacity(Int(blocks))
        for _ in 0..<blocks {
            guard let block = reader.block(words: Int(words), covered: covered) else { return nil }
            list.append(block)
        }
        var filters: [UInt64] = []
        filters.reserveCapacity(Int(words))
        for _ in 0..<words { filters.append(reader.next() ?? .max) }
        index = FileIndex(blocks: list, words: filters, covered: covered, lastHash: hash)
        return index
    }

    private static func binding(_ facts: FileFacts, _ covered: Int64) -> [UInt64] {
        [facts.inode, UInt64(bitPattern: facts.size), UInt64(bitPattern: facts.changed), UInt64(bitPattern: covered)]
    }

    private static func append(_ words: [UInt64], to bytes: inout [UInt8]) {
        for word in words {
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
    }

    private static func authenticator(_ content: ArraySlice<UInt8>, _ key: AuditIndexKey) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: 32)
        unsafe output.withUnsafeMutableBufferPointer { target in
            unsafe content.withUnsafeBufferPointer { source in
                unsafe key.bytes.withUnsafeBufferPointer { key in
                    guard let start = target.baseAddress else { return }
                    _ = unsafe crypto_generichash(
                        start, target.count, source.baseAddress, UInt64(source.count), key.baseAddress, key.count)
                }
            }
        }
        return output
    }
}

/// Reads numbers from front to back.
private struct WordReader {
    let bytes: ArraySlice<UInt8>
    var position: Int

    mutating func next() -> UInt64? {
        guard bytes.endIndex - position >= 8 else { return nil }
        var word: UInt64 = 0
        for offset in 0..<8 { word |= UInt64(bytes[position + offset]) << UInt64(offset * 8) }
        position += 8
        return word
    }

    mutating func block(words: Int, covered: Int64) -> IndexBlock? {
        guard let offset = next().flatMap(Int64.init(exactly:)), let length = next().flatMap(Int.init(exactly:)),
            let first = next(), let last = next(), let earliest = next(), let latest = next(), let filter = next()
        else { return nil }
        let (start, end) = (Int(filter >> 32), Int(filter & 0xFFFF_FFFF))
        let times = (Int64(bitPattern: earliest), Int64(bitPattern: latest))
        guard length <= covered, offset <= covered - Int64(length), first <= last, times.0 <= times.1, start <= end,
            end <= words, start == end || (end - start).nonzeroBitCount == 1
        else { return nil }
        return IndexBlock(
            offset: offset, length: length, sequences: first...last, times: times.0...times.1, filter: start..<end)
    }
}
