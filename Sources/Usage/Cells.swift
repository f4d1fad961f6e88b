/// What a number counts: a class, and for some classes a code by its place in the book's table.
struct Tally: Hashable, Sendable {
    enum Class: UInt8 {
        case read = 0
        case action = 1
        case refusal = 2
        case verification = 3
    }

    var `class`: Class
    /// 0 where there is no code, or for codes that have no place of their own.
    var code: UInt8 = 0

    static let read = Tally(class: .read)
    static let action = Tally(class: .action)
}

/// How often one thing was counted in one hour or day.
struct Cell: Sendable {
    /// Hours, or days, since 1970.
    var slot: UInt32
    var tally: Tally
    /// Stays at its largest value.
    var count: UInt32

    mutating func add(_ more: UInt32) {
        let (sum, overflow) = count.addingReportingOverflow(more)
        count = overflow ? .max : sum
    }
}

/// The numbers of one subject, by hour or by day: only those that are not 0, ascending by slot.
struct Cells: Sendable {
    private(set) var cells: [Cell] = []

    var isEmpty: Bool { cells.isEmpty }
    var count: Int { cells.count }

    /// - Parameter codes: the most tallies of one slot; what is more counts under its class without a code.
    /// - Returns: whether there is one number more than before.
    mutating func add(_ tally: Tally, slot: UInt32, count: UInt32 = 1, codes: Int) -> Bool {
        var place = cells.count
        var same = 0
        while place > 0, cells[place - 1].slot >= slot {
            place -= 1
            guard cells[place].slot == slot else { continue }
            if cells[place].tally == tally {
                cells[place].add(count)
                return false
            }
            same += 1
        }
        if same >= codes, tally.code != 0 {
            return add(Tally(class: tally.class), slot: slot, count: count, codes: .max)
        }
        cells.insert(Cell(slot: slot, tally: tally, count: count), at: place)
        return true
    }

    /// Takes out all before `slot`.
    mutating func takeFirst(before slot: UInt32) -> [Cell] {
        guard let first = cells.first, first.slot < slot else { return [] }
        let end = cells.firstIndex { $0.slot >= slot } ?? cells.count
        defer { cells.removeFirst(end) }
        return Array(cells[..<end])
    }

    /// Drops all from `slot` on.
    mutating func dropLast(from slot: UInt32) {
        while let last = cells.last, last.slot >= slot { cells.removeLast() }
    }
}

/// Time cut into hours and days. Times before 1970 are the first hour.
enum Slot {
    static let hour: Int64 = 3_600_000
    static let day: Int64 = 86_400_000

    static func hour(_ time: Int64) -> UInt32 { UInt32(clamping: time / hour) }
    static func day(_ time: Int64) -> UInt32 { UInt32(clamping: time / day) }
}
