/// The hashes of a path's segments and of its prefixes (64-bit FNV-1a), on the stack.
///
/// They only narrow a search, so that nothing depends on their being hard to collide.
struct SegmentHashes: ~Copyable {
    /// More than a path or a pattern has.
    private static let most = 32
    private static let start: UInt64 = 0xcbf2_9ce4_8422_2325
    private static let prime: UInt64 = 0x0000_0100_0000_01b3

    private var prefixes = InlineArray<33, UInt64>(repeating: start)
    private var segments = InlineArray<32, UInt64>(repeating: start)
    /// How many segments there are; what comes after the 32nd belongs to it.
    private(set) var count = 0

    init(_ bytes: Span<UInt8>) {
        guard !bytes.isEmpty else { return }
        var whole = SegmentHashes.start
        var segment = SegmentHashes.start
        for offset in bytes.indices {
            let byte = bytes[offset]
            if byte == Segment.slash, count < SegmentHashes.most - 1 {
                segments[count] = segment
                count += 1
                prefixes[count] = whole
                segment = SegmentHashes.start
            } else {
                segment = (segment ^ UInt64(byte)) &* SegmentHashes.prime
            }
            whole = (whole ^ UInt64(byte)) &* SegmentHashes.prime
        }
        segments[count] = segment
        count += 1
        prefixes[count] = whole
    }

    /// The hash of the first `count` segments with the slashes between them, at most ``count``.
    func prefix(_ count: Int) -> UInt64 { prefixes[count] }

    /// The hash of the segment at `place`, counted from 0.
    func segment(_ place: Int) -> UInt64 { segments[place] }

    /// A segment's hash together with its place from the start.
    static func atStart(_ hash: UInt64, _ place: Int) -> UInt64 {
        (hash ^ UInt64(0x100 + place)) &* prime
    }

    /// A segment's hash together with its place from the end.
    static func atEnd(_ hash: UInt64, _ place: Int) -> UInt64 {
        (hash ^ UInt64(0x200 + place)) &* prime
    }
}
