/// How counts become lengths: a chart's top is a round number, at or above the largest count.
struct ChartScale: Equatable {
    /// What the full height stands for; 1 at least.
    let most: UInt64

    init(_ counts: some Sequence<UInt64>) {
        let largest = max(1, counts.max() ?? 1)
        var step: UInt64 = 1
        while step <= largest / 10 { step *= 10 }
        let round = [1, 2, 4, 5, 8, 10].map { UInt64($0).multipliedReportingOverflow(by: step) }
            .first { $0.overflow || $0.partialValue >= largest }
        most = round.map { $0.overflow ? largest : $0.partialValue } ?? largest
    }

    /// The length of `count` where the full length is `full`.
    func length(_ count: UInt64, of full: Double) -> Double {
        // Divided first: the largest counts are no whole numbers as a `Double`.
        min(1, Double(count) / Double(most)) * full
    }

    /// A length as SVG has it, to a tenth.
    static func text(_ length: Double) -> String {
        let tenths = Int64((length * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        let size = tenths.magnitude
        return size % 10 == 0 ? "\(sign)\(size / 10)" : "\(sign)\(size / 10).\(size % 10)"
    }

    /// A count with a thin gap between thousands: `12 345`.
    static func grouped(_ count: UInt64) -> String {
        let digits = Array(String(count))
        var text = ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place) % 3 == 0 { text.append("\u{202F}") }
            text.append(digit)
        }
        return text
    }
}
