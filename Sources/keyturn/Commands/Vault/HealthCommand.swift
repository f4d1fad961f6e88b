internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn health`.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Say whether requests are served, part by part.",
        discussion: """
            Ends with 0 where they are and with 1 where they are not, for a container's health check or a monitor.

              keyturn health --json
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    func run() async throws {
        let (isServing, reply) = try await vault.withVault(.application) { try await $0.health() }
        if json.isOn {
            try Console.json(reply)
        } else {
            try Console.out(Inert.line(reply.status))
            var details = Details()
            for (name, word) in reply.checks.sorted(by: { $0.key < $1.key }) { details.add(Inert.line(name), word) }
            if let rotation = reply.rotation { details.add("rotation", Self.words(rotation)) }
            for sink in reply.audit?.sinks ?? [] {
                let lost = sink.dropped > 0 ? "; \(sink.dropped) lines were dropped" : ""
                details.add(
                    Inert.line("audit sink \(sink.name)"),
                    Inert.line("\(sink.need), \(sink.detail ?? (sink.up ? "ok" : "not connected yet"))") + lost)
            }
            try details.print()
        }
        if !isServing { throw QuietExit(code: .failed) }
    }

    /// What wants somebody's attention, or `ok`.
    private static func words(_ rotation: HealthReply.Rotation) -> String {
        var words = [(rotation.failing, "failing"), (rotation.overdue, "overdue"), (rotation.held, "held")]
            .filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        for (reason, count) in (rotation.errors ?? [:]).sorted(by: { $0.key < $1.key }) {
            words.append("\(Inert.line(reason)): \(count)")
        }
        if rotation.clockHeld { words.append("the clock is not believed") }
        return words.isEmpty ? "ok" : words.joined(separator: ", ")
    }
}
