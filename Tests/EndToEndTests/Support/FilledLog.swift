import Testing

extension TestServer {
    /// Adds at least so many entries to the audit log: the lines of answers with many values.
    func fillLog(_ entries: Int) throws {
        let paths = (0..<256).map { "many/\($0)" }
        let keys = paths.map { #"{"path":"\#($0)","fields":{"value":"v"}}"# }.joined(separator: ",")
        let stored = try request("POST", "/v1/keys:import", body: #"{"keys":[\#(keys)],"replace":true}"#)
        try #require(stored.status == 200, "\(stored.text)")
        let asked = paths.map { #"{"path":"\#($0)"}"# }.joined(separator: ",")
        for _ in 0..<((entries + paths.count - 1) / paths.count) {
            let reply = try request("POST", "/v1/values", body: #"{"keys":[\#(asked)]}"#)
            try #require(reply.status == 200, "\(reply.text)")
        }
    }
}
