import SecretMemory
import Synchronization

/// Bytes that look random and are the same every time: SplitMix64 from a seed.
final class SeededRandom: RandomSource, RandomNumberGenerator {
    private let state: Mutex<UInt64>

    init(seed: UInt64) { state = Mutex(seed) }

    func next() -> UInt64 {
        state.withLock { state in
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }

    func fill(_ bytes: inout MutableRawSpan) {
        for offset in 0..<bytes.byteCount {
            bytes.storeBytes(of: UInt8(truncatingIfNeeded: next()), toByteOffset: offset, as: UInt8.self)
        }
    }
}

/// The same byte for a while, then another.
struct FixedBytes: RandomSource {
    let pattern: [UInt8]

    func fill(_ bytes: inout MutableRawSpan) {
        for offset in 0..<bytes.byteCount {
            bytes.storeBytes(of: pattern[offset % pattern.count], toByteOffset: offset, as: UInt8.self)
        }
    }
}
