/// A file that does nothing but hold space, so that an operator can act on a full disk.
struct LogReserve: Sendable {
    /// How much is given back at a time.
    static let slice: Int64 = 64 << 10

    private let file: any LogFile
    let size: Int64
    /// Bytes still held.
    private(set) var remaining: Int64

    /// Opens or makes the reserve and fills it as far as the disk allows.
    init(folder: any LogFolder, size: Int64) throws(FileFault) {
        self.size = size
        let exists = try folder.facts(LogFileName.reserve) != nil
        file = try folder.open(LogFileName.reserve, exists ? .appending : .creating)
        remaining = try file.facts().size
        if remaining > size {
            try file.truncate(to: size)
            remaining = size
        }
        let held = remaining
        remaining = 0
        if !restore() { remaining = held }
    }

    /// Whether some of it has been given back.
    var isSpent: Bool { remaining < size }

    /// Takes all of the space back, if the disk has it.
    mutating func restore() -> Bool {
        do throws(FileFault) {
            try file.allocate(size)
            remaining = size
            return true
        } catch {
            // What the attempt itself took must not be kept from the operator.
            try? file.truncate(to: remaining)
            return false
        }
    }

    /// Gives a slice back to the disk; false where none is left.
    mutating func release() -> Bool {
        guard remaining > 0 else { return false }
        let rest = max(0, remaining - Self.slice)
        guard (try? file.truncate(to: rest)) != nil else { return false }
        remaining = rest
        return true
    }
}
