internal import Glibc

/// Reads the lines of one file, forwards or backwards, a block at a time.
struct LogLines {
    let file: any LogFile
    /// Where the lines end; what was added since is not read.
    let end: Int64

    private static let block = 1 << 20

    /// Calls `body` with each line, its break excluded, from the one that begins at `offset` on, until it answers false.
    ///
    /// - Returns: how many bytes without a line break were left at the end.
    @discardableResult
    func forward(from offset: Int64 = 0, _ body: ([UInt8], Range<Int>) throws(FileFault) -> Bool) throws(FileFault)
        -> Int64
    {
        var start = offset
        var size = Self.block
        while start < end {
            let bytes = try file.read(at: start, count: Int(min(end - start, Int64(size))))
            var position = 0
            while let index = Self.lineBreak(in: bytes, from: position) {
                guard try body(bytes, position..<index) else { return 0 }
                position = index + 1
            }
            let isLast = start + Int64(bytes.count) >= end || bytes.isEmpty
            if isLast { return end - start - Int64(position) }
            size = position == 0 ? size * 2 : Self.block
            start += Int64(position)
        }
        return 0
    }

    /// Calls `body` with each whole line, the last one first, until it answers false.
    ///
    /// - Returns: whether it came to the beginning.
    @discardableResult
    func backward(_ body: ([UInt8], Range<Int>) throws(FileFault) -> Bool) throws(FileFault) -> Bool {
        var end = end
        var size = Int64(Self.block)
        while end > 0 {
            let start = max(0, end - size)
            let bytes = try file.read(at: start, count: Int(end - start))
            guard let last = bytes.lastIndex(of: 0x0A) else {
                // No line ends here: either the torn end of the file, or a line longer than the block.
                end = start
                continue
            }
            var stop = last
            while stop >= 0 {
                let begin = Self.lastLineBreak(in: bytes, before: stop).map { $0 + 1 } ?? 0
                if begin == 0, start > 0 { break }
                guard try body(bytes, begin..<stop) else { return false }
                stop = begin - 1
            }
            let rest = start + Int64(stop) + 1
            size = rest == end ? size * 2 : Int64(Self.block)
            end = start == 0 ? 0 : rest
        }
        return true
    }

    private static func lineBreak(in bytes: [UInt8], from start: Int) -> Int? {
        unsafe bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress, start < buffer.count else { return nil }
            guard let found = unsafe memchr(base + start, 0x0A, buffer.count - start) else { return nil }
            return unsafe UnsafeRawPointer(found) - base
        }
    }

    private static func lastLineBreak(in bytes: [UInt8], before end: Int) -> Int? {
        var index = end - 1
        while index >= 0 {
            if bytes[index] == 0x0A { return index }
            index -= 1
        }
        return nil
    }
}

extension LogLines {
    /// An offset at which a line begins, at or before the line of entry `sequence` and not far from it.
    func offset(before sequence: UInt64) throws(FileFault) -> Int64 {
        var low: Int64 = 0
        var high = end
        while high - low > 65_536 {
            let middle = low + (high - low) / 2
            let bytes = try file.read(at: middle, count: Int(min(end - middle, Int64(2 * AuditEntry.lineLimit))))
            guard let start = bytes.firstIndex(of: 0x0A).map({ $0 + 1 }),
                let length = bytes[start...].firstIndex(of: 0x0A),
                let line = LogLine(bytes, start..<length), case .entry(let found) = line.position
            else { return low }
            if found <= sequence { low = middle + Int64(start) } else { high = middle }
        }
        return low
    }
}
