package import VaultAPI

/// What the vault answers to somebody who may have the value already.
package struct ServedValue: Sendable {
    /// The value; nil where it is the one that the caller has.
    package var value: KeyValue?
    /// Its entity tag, as the vault sent it.
    package var etag: String?
}

extension KeyturnVault {
    /// `GET /v1/values/{path}`.
    ///
    /// - Parameter instance: which of the caller's instances asks.
    package func value(
        _ reference: ValueReference, instance: String? = nil
    ) async throws(KeyturnClientError) -> KeyValue {
        var call = Self.call(reference)
        if let instance { call.headers.append((InstanceName.header, instance)) }
        return try await send(call)
    }

    /// `GET /v1/values/{path}`, unless the value is the one that the caller has.
    ///
    /// - Parameters:
    ///   - etag: of the value that the caller has, as the vault sent it.
    ///   - seconds: how long the vault is to wait for another value before it says that there is none.
    package func served(
        _ reference: ValueReference, unless etag: String?, wait seconds: Int?
    ) async throws(KeyturnClientError) -> ServedValue {
        var call = Self.call(reference)
        if let etag { call.headers.append(("if-none-match", etag)) }
        if let seconds, etag != nil {
            call.ask("wait", "\(seconds)s")
            call.limit = Int64(seconds) + 15
        }
        let (status, body, headers) = try await exchange(call, heeding: ["etag", "retry-after"])
        if status == 304, etag != nil { return ServedValue(value: nil, etag: headers["etag"] ?? etag) }
        guard status == 200 else { throw Self.failure(status, body, headers, address) }
        return ServedValue(value: try read(body), etag: headers["etag"])
    }

    private static func call(_ reference: ValueReference) -> Call {
        var call = Call(.get, "/v1/values/" + PercentEncoding.encode(reference.path, keepingSlashes: true))
        call.ask("version", reference.version)
        call.ask("stage", reference.stage?.rawValue)
        call.ask("field", reference.field)
        return call
    }

    /// `POST /v1/values`: all of them or none, in the order asked for.
    ///
    /// - Parameter deadline: when there has to be a reply; within 30 seconds in any case.
    package func values(
        _ references: [ValueReference], by deadline: ContinuousClock.Instant? = nil
    ) async throws(KeyturnClientError) -> ValuesReply {
        var call = try Call(.post, "/v1/values").sending(ValuesRequest(keys: references))
        call.changesNothing = true
        call.deadline = deadline
        return try await send(call)
    }
}
