/// Which lines of the audit log have been counted: all up to one, and some after it, since lines that are written
/// together are counted in any order. So no line is counted twice, and none is missed after a crash.
package struct CountedLines: Equatable, Sendable {
    /// All lines up to this sequence are counted.
    package private(set) var upTo: UInt64
    /// Lines after it that are counted, ascending; never the next one.
    package private(set) var ahead: [UInt64] = []

    /// The most of `ahead`: where a line is never counted, it is given up in the end.
    static let most = 4_096

    package init(upTo: UInt64 = 0) { self.upTo = upTo }

    /// - Returns: nil where `ahead` is not ascending, or longer than can be.
    init?(upTo: UInt64, ahead: [UInt64]) {
        self.upTo = upTo
        guard ahead.count <= Self.most else { return nil }
        for sequence in ahead {
            guard sequence > upTo, sequence > self.ahead.last ?? 0 else { return nil }
            self.ahead.append(sequence)
        }
        settle()
    }

    /// Takes a line into account.
    ///
    /// - Returns: false where it had been already.
    mutating func take(_ sequence: UInt64) -> Bool {
        guard sequence > upTo else { return false }
        if sequence == upTo + 1 {
            upTo = sequence
            if !ahead.isEmpty { settle() }
            return true
        }
        var place = ahead.count
        while place > 0, ahead[place - 1] > sequence { place -= 1 }
        if place > 0, ahead[place - 1] == sequence { return false }
        ahead.insert(sequence, at: place)
        if ahead.count > Self.most {
            upTo = ahead[0]
            settle()
        }
        return true
    }

    /// Takes all lines up to `sequence` for counted.
    mutating func skip(to sequence: UInt64) {
        guard sequence > upTo else { return }
        upTo = sequence
        settle()
    }

    private mutating func settle() {
        var count = 0
        while count < ahead.count, ahead[count] <= upTo || ahead[count] == upTo + 1 {
            upTo = max(upTo, ahead[count])
            count += 1
        }
        ahead.removeFirst(count)
    }
}
