internal import SecretMemory

/// Collects one line from a terminal that neither echoes nor edits, so that what is typed passes through no buffer of
/// the system. Pure: bytes in, what to do out. Whoever is done with it calls ``removeAll()``.
struct LineEditor: ~Copyable {
    /// What follows from a byte.
    enum Step: Equatable {
        case more, done, cancelled, tooLong
    }

    /// What was typed so far. Never grows beyond its first capacity, so that no copy is left behind.
    private(set) var bytes: [UInt8] = []
    private let limit: Int

    /// - Parameter limit: the most bytes that a line may have.
    init(limit: Int) {
        self.limit = limit
        bytes.reserveCapacity(limit)
    }

    mutating func take(_ byte: UInt8) -> Step {
        switch byte {
        case 0x0A, 0x0D: return .done
        case 0x03, 0x1C: return .cancelled
        case 0x04: return bytes.isEmpty ? .cancelled : .done
        case 0x08, 0x7F: removeLast()
        case 0x15: removeAll()
        case 0x1A: break
        default:
            guard bytes.count < limit else { return .tooLong }
            bytes.append(byte)
        }
        return .more
    }

    /// Overwrites everything that was typed.
    mutating func removeAll() {
        Sodium.wipe(&bytes)
        bytes.removeAll(keepingCapacity: true)
    }

    /// Removes the last character: all bytes of it, where it has several in UTF-8.
    private mutating func removeLast() {
        while let last = bytes.last {
            bytes[bytes.count - 1] = 0
            bytes.removeLast()
            if last & 0xC0 != 0x80 { return }
        }
    }
}
