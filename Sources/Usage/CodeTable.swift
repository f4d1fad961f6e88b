/// The codes of refusals and verifications, each by a small number. Those that find no place count as `other`.
struct CodeTable: Sendable {
    /// Code n is at n; 0 is `other`.
    private(set) var names = [CodeTable.other]
    private var numbers: [String: UInt8] = [:]
    private let most: Int

    static let other = "other"
    /// The longest code in bytes.
    static let longest = 40

    init(most: Int) { self.most = min(most, 254) }

    mutating func tally(_ act: UsageEvent.Act) -> Tally {
        switch act {
        case .read: .read
        case .action: .action
        case .refusal(let code): Tally(class: .refusal, code: number(code))
        case .verification(let code): Tally(class: .verification, code: number(code))
        }
    }

    /// The number of a code, which is taken into the table where there is room.
    mutating func number(_ code: String) -> UInt8 {
        if let number = numbers[code] { return number }
        guard names.count <= most, (1...Self.longest).contains(code.utf8.count), code != Self.other else { return 0 }
        let number = UInt8(names.count)
        names.append(code)
        numbers[code] = number
        return number
    }

    func name(_ number: UInt8) -> String { Int(number) < names.count ? names[Int(number)] : Self.other }
}
