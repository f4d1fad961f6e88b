internal import CSodium
internal import Synchronization

/// Secrets of one length that are kept until they are needed again, side by side on guarded pages that are locked where
/// the system allows it: pages of its own for each would take hundreds of times the memory.
///
/// There is room for so many. Then the one that was put there first makes room for the next, and whoever comes back
/// for it finds it gone.
package final class SecretShelf: Sendable {
    /// The length of each secret in bytes.
    package let size: Int
    /// The most secrets.
    package let capacity: Int
    private let state = Mutex(State())

    /// What lies there now.
    private struct State {
        var regions: [Region] = []
        /// By place: which secret it is, counted from 1; 0 where there is none.
        var stamps: [UInt64] = []
        /// Places that were given back.
        var free: [Int] = []
        /// The place that makes room when all are taken.
        var next = 0
        var count: UInt64 = 0
        var isClosed = false
    }

    /// Secrets that are added to the memory at once.
    private static let perRegion = 1024

    /// - Parameters:
    ///   - size: at least 1.
    ///   - capacity: at least 1.
    package init(size: Int, capacity: Int) {
        precondition(size > 0 && capacity > 0)
        self.size = size
        self.capacity = capacity
    }

    /// Where one secret lies, which is wiped when the last reference goes.
    package final class Place: Sendable {
        private let shelf: SecretShelf
        private let number: Int
        private let stamp: UInt64

        fileprivate init(_ shelf: SecretShelf, _ number: Int, _ stamp: UInt64) {
            self.shelf = shelf
            self.number = number
            self.stamp = stamp
        }

        deinit { shelf.clear(number, stamp) }

        /// A copy for the length of one request; nil where the secret has made room for another, or all were wiped.
        package var secret: WipedBytes? { shelf.copy(number, stamp) }
    }

    /// Keeps a copy of `secret`, which has the shelf's length.
    ///
    /// - Returns: nil where no memory could be had, and after ``close()``.
    package func keep(_ secret: WipedBytes) -> Place? {
        precondition(secret.count == size)
        return secret.withBytes { bytes in
            state.withLock { state -> (number: Int, stamp: UInt64)? in
                guard !state.isClosed, let number = room(&state) else { return nil }
                state.count += 1
                state.stamps[number] = state.count
                state.regions[number / Self.perRegion].write(bytes, at: offset(number))
                return (number, state.count)
            }
        }
        .map { Place(self, $0.number, $0.stamp) }
    }

    /// Wipes all secrets and takes no more.
    package func close() {
        state.withLock { state in
            state = State()
            state.isClosed = true
        }
    }

    private func room(_ state: inout State) -> Int? {
        if let number = state.free.popLast() { return number }
        if state.stamps.count < capacity {
            if state.stamps.count == state.regions.count * Self.perRegion {
                guard let region = Region(byteCount: size * Self.perRegion) else { return nil }
                state.regions.append(region)
            }
            state.stamps.append(0)
            return state.stamps.count - 1
        }
        defer { state.next = (state.next + 1) % capacity }
        return state.next
    }

    private func copy(_ number: Int, _ stamp: UInt64) -> WipedBytes? {
        state.withLock { state in
            guard number < state.stamps.count, state.stamps[number] == stamp else { return nil }
            return state.regions[number / Self.perRegion].copy(offset(number), size)
        }
    }

    private func clear(_ number: Int, _ stamp: UInt64) {
        state.withLock { state in
            guard number < state.stamps.count, state.stamps[number] == stamp else { return }
            state.regions[number / Self.perRegion].clear(offset(number), size)
            state.stamps[number] = 0
            state.free.append(number)
        }
    }

    private func offset(_ number: Int) -> Int { number % Self.perRegion * size }
}

/// Guarded, locked pages that stay writable; wiped when they go. Used under its shelf's lock alone.
@safe private final class Region: @unchecked Sendable {
    private let base: UnsafeMutableRawPointer
    private let byteCount: Int

    init?(byteCount: Int) {
        guard (try? Sodium.start()) != nil, let base = unsafe sodium_malloc(byteCount) else { return nil }
        unsafe self.base = unsafe base
        self.byteCount = byteCount
    }

    deinit { unsafe sodium_free(base) }

    func write(_ bytes: RawSpan, at offset: Int) {
        precondition(offset >= 0 && bytes.byteCount <= byteCount - offset)
        unsafe bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            unsafe (base + offset).copyMemory(from: start, byteCount: bytes.count)
        }
    }

    func copy(_ offset: Int, _ count: Int) -> WipedBytes {
        precondition(offset >= 0 && count <= byteCount - offset)
        return unsafe WipedBytes(copying: RawSpan(_unsafeStart: base + offset, byteCount: count))
    }

    func clear(_ offset: Int, _ count: Int) {
        precondition(offset >= 0 && count <= byteCount - offset)
        unsafe sodium_memzero(base + offset, count)
    }
}
