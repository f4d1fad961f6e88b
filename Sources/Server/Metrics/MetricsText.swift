internal import NIOCore
internal import Usage

/// Writes Prometheus' text format, version 0.0.4: each family once, with its help and type before its samples.
///
/// Names and label values come out of tables of ours; a value is escaped all the same.
struct MetricsText: Sendable {
    enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    private(set) var buffer = ByteBuffer()
    private var family = ""

    static let type = "text/plain; version=0.0.4; charset=utf-8"

    init() {}

    /// Begins a family; the samples that follow are its.
    mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        family = name
        buffer.writeString("# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n")
    }

    /// One sample of the family.
    mutating func add(_ value: some BinaryInteger, _ labels: [(String, String)] = []) {
        line("", labels, String(value))
    }

    mutating func add(_ value: Double, _ labels: [(String, String)] = []) { line("", labels, "\(value)") }

    /// A family of one sample.
    mutating func only(_ name: String, _ kind: Kind, _ help: String, _ value: some BinaryInteger) {
        begin(name, kind, help)
        add(value)
    }

    mutating func only(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
        begin(name, kind, help)
        add(value)
    }

    /// The samples of a histogram, in seconds.
    mutating func add(_ histogram: Histogram, _ labels: [(String, String)] = []) {
        var below: UInt64 = 0
        for (bound, count) in zip(histogram.bounds, histogram.counts) {
            below += count
            line("_bucket", labels + [("le", Self.seconds(UInt64(bound)))], String(below))
        }
        line("_bucket", labels + [("le", "+Inf")], String(histogram.count))
        line("_sum", labels, Self.seconds(histogram.sum))
        line("_count", labels, String(histogram.count))
    }

    private mutating func line(_ suffix: String, _ labels: [(String, String)], _ value: String) {
        buffer.writeString(family + suffix)
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.0)=\"\(Self.escaped($0.1, quotes: true))\"" }
            buffer.writeString("{\(pairs.joined(separator: ","))}")
        }
        buffer.writeString(" \(value)\n")
    }

    /// Microseconds as seconds: `0.00025`.
    static func seconds(_ microseconds: UInt64) -> String {
        let rest = microseconds % 1_000_000
        guard rest > 0 else { return String(microseconds / 1_000_000) }
        var digits = String(rest)
        digits = String(repeating: "0", count: 6 - digits.count) + digits
        while digits.last == "0" { digits.removeLast() }
        return "\(microseconds / 1_000_000).\(digits)"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
