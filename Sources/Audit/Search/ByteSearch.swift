internal import CProcess
internal import Glibc

/// Finds lines in bytes, by what stands in them.
enum ByteSearch {
    /// The whole lines in `range`, their breaks excluded, that hold each of `needles`, in their order.
    static func lines(in bytes: [UInt8], _ range: Range<Int>, with needles: [[UInt8]] = []) -> [Range<Int>] {
        var lines: [Range<Int>] = []
        unsafe bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress, range.upperBound <= buffer.count else { return }
            var start = range.lowerBound
            while start < range.upperBound {
                if let rarest = needles.first {
                    guard let hit = unsafe find(rarest, base + start, range.upperBound - start) else { return }
                    start = unsafe lineStart(base, from: start, to: start + hit)
                }
                guard let found = unsafe memchr(base + start, 0x0A, range.upperBound - start) else { return }
                let end = unsafe UnsafeRawPointer(found) - base
                let hasAll = needles.dropFirst().allSatisfy { unsafe find($0, base + start, end - start) != nil }
                if hasAll { lines.append(start..<end) }
                start = end + 1
            }
        }
        return lines
    }

    /// The whole lines in `range`, one at a time, the first or the last one first, until `body` answers false.
    static func eachLine(
        in bytes: [UInt8], _ range: Range<Int>, backward: Bool, _ body: (Range<Int>) -> Bool
    ) {
        unsafe bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress, range.upperBound <= buffer.count else { return }
            var (start, end) = (range.lowerBound, range.upperBound)
            if backward {
                // What is behind the last line break is no whole line.
                end = unsafe lineStart(base, from: start, to: end)
                while end > start {
                    let begin = unsafe lineStart(base, from: start, to: end - 1)
                    guard body(begin..<(end - 1)) else { return }
                    end = begin
                }
            } else {
                while let found = unsafe memchr(base + start, 0x0A, end - start) {
                    let stop = unsafe UnsafeRawPointer(found) - base
                    guard body(start..<stop) else { return }
                    start = stop + 1
                }
            }
        }
    }

    /// How far behind `start` the needle begins.
    private static func find(_ needle: [UInt8], _ start: UnsafeRawPointer, _ count: Int) -> Int? {
        unsafe needle.withUnsafeBytes { needle in
            guard let text = needle.baseAddress else { return 0 }
            guard let found = unsafe keyturn_find(start, count, text, needle.count) else { return nil }
            return unsafe found - start
        }
    }

    /// Where the line begins that goes on at `position`.
    private static func lineStart(_ base: UnsafeRawPointer, from start: Int, to position: Int) -> Int {
        guard let found = unsafe keyturn_find_last(base + start, 0x0A, position - start) else { return start }
        return unsafe found - base + 1
    }
}
