internal import Storage

/// Looks through a file for what is left of bytes that were deleted.
///
/// SQLite's `secure_delete` overwrites the cell that is deleted. When pages are split and merged, however, copies of
/// cells stay behind in the unused middle of a page, and of those nothing knows afterwards. So the file is searched:
/// any stretch of 15 bytes of a value is found. The first 32 bytes of a longer value are left out, since many records
/// may share how they begin; values under 16 bytes are not looked for.
struct TraceSearch {
    /// Eight bytes of a value each, at every eighth place.
    private var samples: Set<UInt64> = []
    /// Which values of ``slot(_:)`` occur among the samples, so that almost every place is dismissed at once.
    private var filter = [Bool](repeating: false, count: 1 << 16)

    /// - Parameter kept: values that are still stored, and may share stretches with what was deleted.
    init(for deleted: [[UInt8]], except kept: [[UInt8]] = []) {
        for value in deleted where value.count >= 16 {
            let start = value.count >= 64 ? 32 : 0
            for offset in stride(from: start, through: value.count - 8, by: 8) {
                samples.insert(unsafe value.span.bytes.number(at: offset))
            }
        }
        for value in kept where value.count >= 8 && !samples.isEmpty {
            for offset in 0...(value.count - 8) { samples.remove(unsafe value.span.bytes.number(at: offset)) }
        }
        for sample in samples { filter[Self.slot(sample)] = true }
    }

    var isEmpty: Bool { samples.isEmpty }

    /// Whether anything is left in `bytes`.
    func findsAny(in bytes: RawSpan) -> Bool {
        guard bytes.byteCount >= 8 else { return false }
        for offset in 0...(bytes.byteCount - 8) {
            let number = bytes.number(at: offset)
            if filter[Self.slot(number)], samples.contains(number) { return true }
        }
        return false
    }

    private static func slot(_ number: UInt64) -> Int { Int((number &* 0x9E37_79B9_7F4A_7C15) >> 48) }
}

extension Descriptor {
    /// Whether anything that `search` looks for is in the file; true as well where it cannot be read.
    borrowing func holdsAny(of search: TraceSearch) -> Bool {
        guard !search.isEmpty else { return false }
        let window = 1 << 20
        var offset = 0
        while true {
            guard let bytes = read(window, at: offset) else { return true }
            if unsafe search.findsAny(in: bytes.span.bytes) { return true }
            if bytes.count < window { return false }
            // Windows overlap by what a sample that lies across two of them needs.
            offset += bytes.count - 7
        }
    }
}

extension RawSpan {
    /// Eight bytes as a number; the bounds are checked.
    fileprivate func number(at offset: Int) -> UInt64 {
        unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }
}
