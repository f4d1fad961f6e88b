package import VaultAPI

extension KeyturnVault {
    /// `GET /v1/values/{path}`.
    ///
    /// - Parameter instance: which of the caller's instances asks.
    package func value(
        _ reference: ValueReference, instance: String? = nil
    ) async throws(KeyturnClientError) -> KeyValue {
        var call = Call(.get, "/v1/values/" + PercentEncoding.encode(reference.path, keepingSlashes: true))
        call.ask("version", reference.version)
        call.ask("stage", reference.stage?.rawValue)
        call.ask("field", reference.field)
        if let instance { call.headers.append((InstanceName.header, instance)) }
        return try await send(call)
    }

    /// `POST /v1/values`: all of them or none, in the order asked for.
    package func values(
        _ references: [ValueReference], within seconds: Int64 = 30
    ) async throws(KeyturnClientError) -> ValuesReply {
        var call = try Call(.post, "/v1/values").sending(ValuesRequest(keys: references))
        call.limit = seconds
        return try await send(call)
    }
}
