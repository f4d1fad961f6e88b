package import NIOCore
package import SecretMemory
internal import VaultAPI

/// One request, before it has an address.
package struct Call: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case put = "PUT"
        case post = "POST"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    package var method: Method
    /// Percent-encoded, from `/v1` on.
    package var path: String
    /// Names as they are, values not yet encoded.
    package var query: [(name: String, value: String)] = []
    package var headers: [(name: String, value: String)] = []
    package var body: ByteBuffer?
    /// How long the reply may take in all, in seconds.
    package var limit: Int64 = 30
    /// The moment by which there has to be a reply, where that comes before ``limit``.
    package var deadline: ContinuousClock.Instant?
    /// Whether the vault is as it was before, whatever becomes of the call.
    package var changesNothing: Bool

    package init(_ method: Method, _ path: String) {
        self.method = method
        self.path = path
        changesNothing = method == .get
    }

    /// When there has to be a reply, for a call that is made now.
    var end: ContinuousClock.Instant {
        let end = ContinuousClock.now + .seconds(limit)
        return deadline.map { min($0, end) } ?? end
    }

    /// Adds a parameter where there is a value.
    package mutating func ask(_ name: String, _ value: String?) {
        if let value { query.append((name, value)) }
    }

    /// Adds a number where there is one.
    package mutating func ask(_ name: String, _ value: Int?) { ask(name, value.map(String.init)) }

    /// The same call with a JSON body.
    ///
    /// - Throws: ``KeyturnClientError`` where a secret that is no text was not given as base64.
    package func sending(_ body: some Encodable) throws(KeyturnClientError) -> Call {
        guard let bytes = try? WireJSON.encode(body) else {
            throw KeyturnClientError(.invalidRequest, "the request holds text that is not UTF-8")
        }
        var call = self
        call.body = ByteBuffer(bytes: bytes)
        call.headers.append(("content-type", "application/json"))
        return call
    }

    /// The same call with a passphrase or recovery code as its body, as it is.
    package func sending(_ secret: borrowing SecretBytes) -> Call {
        var call = self
        call.body = secret.withBytes { span in
            unsafe span.withUnsafeBytes { unsafe ByteBuffer(bytes: $0) }
        }
        call.headers.append(("content-type", "application/octet-stream"))
        return call
    }
}

extension Call {
    /// What deriving a key may take, with others waiting before.
    static let derivation: Int64 = 180
    /// What going over every record may take.
    static let everyRecord: Int64 = 3600

    /// A call on the key at `path`, or on `verb` of it.
    static func key(_ method: Method, _ path: String, verb: String? = nil) -> Call {
        Call(method, "/v1/keys/" + PercentEncoding.encode(path, keepingSlashes: true) + (verb.map { ":\($0)" } ?? ""))
    }
}
