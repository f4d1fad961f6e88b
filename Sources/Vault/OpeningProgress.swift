internal import Sealing
internal import Synchronization

/// How far an unseal is with reading the keys. They come in the order of their rows, which are evenly spread hashes: the
/// row that is read last says how many are left, though nobody has counted them.
final class OpeningProgress: Sendable {
    private let hundredths = Atomic<Int>(-1)
    private let number = Atomic<Int>(0)

    /// 0 to 100; nil while nothing is being opened.
    var percent: Int? {
        let value = hundredths.load(ordering: .relaxed)
        return value < 0 ? nil : value
    }

    /// The slot that was opened, 0 to 7; nil while nothing is being opened.
    var slot: Int? { percent.map { _ in number.load(ordering: .relaxed) } }

    /// The heads of keys up to this row have been read.
    func reached(_ row: RowID) {
        let first = row.bytes.bytes.prefix(2).reduce(0) { $0 << 8 | Int($1) }
        hundredths.store(100 * first / 65_536, ordering: .relaxed)
    }

    func begin(slot: UInt8) {
        number.store(Int(slot), ordering: .relaxed)
        hundredths.store(0, ordering: .relaxed)
    }
    func end() { hundredths.store(-1, ordering: .relaxed) }
}
