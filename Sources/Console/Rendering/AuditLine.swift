internal import FoundationEssentials

/// A line of the audit log, for a table. What it does not know it leaves out.
struct AuditLine: Decodable {
    var seq: UInt64
    var time: String
    var kind: String
    var outcome: String
    var action: String
    var callerKind: String
    var caller: String?
    var callerName: String?
    var address: String?
    var key: String?
    var issuer: String?
    var issuedKey: String?
    var version: Int?
    var target: String?
    var code: String?
    var decision: String?
    var detail: String?
    var count: Int?
    var micros: Int?

    /// - Parameter line: as it stands in the log; nil where it is no entry.
    init?(_ line: String) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let read = try? decoder.decode(AuditLine.self, from: Data(line.utf8)) else { return nil }
        self = read
    }

    /// How it ended, as a badge. A change leaves its intent alone, and another line where it was not committed.
    var badge: View {
        switch outcome {
        case "allowed": Badge.view(kind == "intent" ? "changed" : "allowed", .good)
        case "refused": Badge.view("refused", .bad)
        case "failed": Badge.view(code.map { $0.replacing("_", with: " ") } ?? "failed", .warning)
        default: Badge.view(outcome, .warning)
        }
    }

    /// For tables of the log.
    var view: View {
        func shown(_ text: String?) -> Any { text.map { $0.isEmpty ? false : $0 as Any } ?? false }
        return [
            "seq": seq, "moment": moment, "action": action.replacing("_", with: " "), "badge": badge,
            "caller": shown(callerName ?? caller), "caller_id": shown(callerName == nil ? nil : caller),
            "caller_kind": callerKind.replacing("_", with: " "), "address": shown(address), "key": shown(key),
            "issuer": shown(issuer), "issued_key": shown(issuedKey), "version": version ?? false as Any,
            "target": shown(target),
            "code": shown(code), "detail": shown(detail), "decision": shown(decision),
            "decision_href": decision.map { "/console/decisions/" + $0 } ?? false as Any,
            "key_href": key.map { "/console/keys/" + $0 } ?? false as Any,
        ]
    }

    /// The log's times have milliseconds: the table does not need them.
    private var moment: View { Moment.view(iso: time) }
}
