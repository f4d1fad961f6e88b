internal import Glibc

/// Does one thing many times, to be counted from outside.
///
///     Micro CASE TIMES        or, to list the cases:    Micro
///
/// What is prepared first costs the same however often it is done then, so that two runs differ by the thing itself.
@main
enum Micro {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 1 else { return Case.allCases.forEach { print($0.rawValue) } }
        guard arguments.count == 3, let found = Case(rawValue: arguments[1]), let times = Int(arguments[2]), times >= 0
        else {
            print("usage: Micro [CASE TIMES]")
            exit(2)
        }
        let step = try found.prepare()
        for _ in 0..<times { try step() }
    }

    /// Something did not come to what it has to come to.
    struct Wrong: Error {}
}

/// What can be counted.
enum Case: String, CaseIterable {
    case openRecord = "open-record"
    case decide
    case parseKey = "parse-key"
    case appendEntry = "append-entry"
    case retrieve
    case verify
    case search

    /// Prepares, and returns what is done each time.
    func prepare() throws -> () throws -> Void {
        switch self {
        case .openRecord: try Parts.openRecord()
        case .decide: try Parts.decide()
        case .parseKey: try Parts.parseKey()
        case .appendEntry: try Parts.appendEntry()
        case .retrieve: try Shop.made().retrieve()
        case .verify: try Shop.made().verify()
        case .search: try Shop.made(keys: 2_000).search()
        }
    }
}
