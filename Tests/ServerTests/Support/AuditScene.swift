import Audit
import Foundation
import Testing

@testable import Server

/// A running server whose audit log is read after each call.
final class AuditScene {
    let running: RunningServer
    private let place: RawClient.Place
    private var client: RawClient?
    private var seen: UInt64 = 0

    /// - Parameter place: where it asks; at the operator's socket unless said.
    init(_ running: RunningServer, at place: RawClient.Place? = nil) {
        self.running = running
        self.place = place ?? running.operatorSocket
    }

    /// One call of the route `operation`.
    ///
    /// - Parameter parameters: what stands for `{path}` and the like in the template, and `?query` behind it.
    func ask(
        _ operation: Server.Operation, _ parameters: [String: String] = [:], query: String = "",
        _ headers: [String: String], body: String? = nil
    ) throws -> RawReply {
        let route = try #require(RouteTable.routes.first { $0.operation == operation })
        var target = route.template
        for (name, value) in parameters { target = target.replacingOccurrences(of: "{\(name)}", with: value) }
        try #require(!target.contains("{"), "\(target)")
        let client = try client ?? running.client(place)
        let reply = try client.ask(route.method, target + query, headers, body: body)
        self.client = reply.closes ? nil : client
        return reply
    }

    /// The entries that were written since the last call of this.
    func news() throws -> [AuditRecord] {
        // The log writes in turn: what came before this entry is in the file when it is.
        try running.audit.append(
            AuditEntry(time: 0, kind: .event, outcome: .allowed, action: "bookmark", caller: .system))
        var records: [AuditRecord] = []
        try AuditReader(folder: running.folder.path + "/audit").forEach(from: seen + 1) { record in
            records.append(record)
            return true
        }
        seen = records.last?.sequence ?? seen
        return records.filter { $0.action != "bookmark" }
    }
}

extension AuditRecord {
    /// `intent write`, `request refused retrieve (refused)`.
    var brief: String {
        var words = [kind]
        if outcome != "allowed" { words.append(outcome) }
        words.append(action)
        if let code { words.append("(\(code))") }
        return words.joined(separator: " ")
    }
}
