/// The names of the log's files: `audit-0000000000001001.jsonl` begins with entry 1001. They sort as the chain runs.
enum LogFileName {
    static let reserve = "reserve"
    static let checkpoint = "checkpoint"
    private static let prefix = "audit-"
    private static let suffix = ".jsonl"
    private static let digits = 16

    /// The name of the file that begins with entry `first`.
    static func of(first: UInt64) -> String {
        let number = String(first)
        return prefix + String(repeating: "0", count: max(0, digits - number.count)) + number + suffix
    }

    /// The entry that the file `name` begins with, or nil for a name that is not one of a log's file.
    static func first(of name: String) -> UInt64? {
        guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
        guard let first = UInt64(name.dropFirst(prefix.count).dropLast(suffix.count)), first > 0 else { return nil }
        return of(first: first) == name ? first : nil
    }

    /// The log's files among `names`, in the order of the chain.
    static func logFiles(in names: [String]) -> [(name: String, first: UInt64)] {
        names.compactMap { name in first(of: name).map { (name, $0) } }.sorted { $0.1 < $1.1 }
    }
}
