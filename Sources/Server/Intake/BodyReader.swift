internal import HummingbirdCore
internal import NIOCore
internal import SecretMemory
internal import VaultAPI

/// Collects the body of a request. The gate has seen to it that it is not larger than the call takes.
enum BodyReader {
    /// - Parameters:
    ///   - budget: what all bodies together may take.
    ///   - taken: how much of it this one has; whoever calls gives it back.
    /// - Throws: ``Refusal``, or what ended the connection.
    static func read(
        _ body: RequestBody, for admission: Admission, within budget: BodyBudget, taken: inout Int
    ) async throws -> ReceivedBody {
        let limit = admission.route.body.limit
        var chunks: [ByteBuffer] = []
        var count = 0
        for try await chunk in body {
            count += chunk.readableBytes
            guard count <= limit else { throw BodyFraming.tooLarge(limit) }
            guard budget.take(chunk.readableBytes) else {
                throw Refusal(.overloaded, "too many bodies are coming in at once", retryAfter: 1)
            }
            taken += chunk.readableBytes
            chunks.append(chunk)
        }
        if let announced = admission.framing.announced, count < announced { throw Gate.Ended() }
        switch admission.route.body {
        case .none:
            let bytes = joined(chunks, count)
            guard bytes.isEmpty || bytes.elementsEqual("{}".utf8) else {
                throw Refusal(.malformed, "this call takes no body")
            }
            return .none
        case .json(_, _, let members, let isOptional):
            guard count > 0 else {
                guard isOptional else { throw Refusal(.malformed, "this call takes a body of JSON") }
                return .none
            }
            let bytes = joined(chunks, count)
            try JSONGuard.check(bytes, limits: JSONGuard.Limits(members: members))
            return .json(bytes)
        case .form:
            guard count == 0 || admission.isForm else {
                throw Refusal(.malformed, "a form is sent as application/x-www-form-urlencoded")
            }
            return .form(SecretBody.wiped(&chunks, count: count))
        case .secret:
            guard count > 0 else { throw Refusal(.malformed, "the body of this call is the passphrase") }
            return .secret(try SecretBody.make(of: &chunks, count: count, isForm: admission.isForm))
        }
    }

    private static func joined(_ chunks: [ByteBuffer], _ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for chunk in chunks { bytes.append(contentsOf: chunk.readableBytesView) }
        return bytes
    }
}
