internal import IssuedKeys
internal import Vault
internal import VaultAPI

extension Operations {
    func verifyKey(_ request: VerifyRequest) async throws -> Reply {
        let found = try await vault.verify(requester, try Self.question(request))
        return Self.reply(found, as: .document)
    }

    func verifyKeys(_ request: VerifyBatchRequest) async throws -> Reply {
        var questions: [VerifyQuery] = []
        for (index, key) in request.keys.enumerated() {
            questions.append(try Self.question(key, in: "keys[\(index)]."))
        }
        let found = try await vault.verify(requester, all: questions)
        var writer = SecretJSONWriter(capacity: found.reduce(64) { $0 + $1.jsonCapacity })
        writer.beginObject()
        writer.name("results")
        writer.beginArray()
        for verification in found { writer.write(verification) }
        writer.endArray()
        writer.endObject()
        return Reply(secret: writer)
    }

    func checkKey() async throws -> Reply {
        let (question, form) = try proxysQuestion()
        return Self.reply(try await vault.verify(requester, question), as: form)
    }

    /// What a proxy asks. Whatever its customer sent is a question that has an answer, never a malformed request.
    func proxysQuestion() throws(Refusal) -> (VerifyQuery, VerificationForm) {
        let asked = admission.customersKey
        let cost = try query.integer("cost", in: 0...1_000_000) ?? 1
        let limited = try query.word("limited", LimitedStatus.self) ?? .tooManyRequests
        let question = VerifyQuery(
            key: asked.text, issuer: query["issuer"], scope: asked.scope,
            network: try Self.address(asked.address, field: "Keyturn-Network"), cost: Int64(cost))
        return (question, .status(limited: limited == .forbidden ? 403 : 429))
    }

    static func reply(_ found: Verification, as form: VerificationForm) -> Reply {
        switch form {
        case .status(let limited): return Reply(found, limited: limited)
        case .document:
            var writer = SecretJSONWriter(capacity: found.jsonCapacity)
            writer.write(found)
            return Reply(secret: writer)
        }
    }

    private enum LimitedStatus: String, WireWord {
        case forbidden = "403"
        case tooManyRequests = "429"
    }

    /// - Parameter place: what stands before the names of members, in messages.
    static func question(_ request: VerifyRequest, in place: String = "") throws(Refusal) -> VerifyQuery {
        let cost = request.cost ?? 1
        guard (0...1_000_000).contains(cost) else {
            throw Refusal(.invalidField, "`cost` is a whole number from 0 to 1000000", field: place + "cost")
        }
        return VerifyQuery(
            key: request.key.bytes, issuer: request.issuer, scope: request.scope,
            network: try address(request.network, field: place + "network"), cost: Int64(cost))
    }

    private static func address(_ text: String?, field: String) throws(Refusal) -> IPAddress? {
        guard let text else { return nil }
        do {
            return try IPAddress(parsing: text)
        } catch {
            throw Refusal(.invalidField, "`\(field)` is an IP address, such as 192.0.2.7", field: field)
        }
    }
}

extension Verification {
    /// Uses that would be allowed now: the least that a limit or the quota has left; nil where nothing limits the key.
    var remaining: Int64? { (windows.map(\.remaining) + [quota?.remaining].compactMap { $0 }).min() }

    /// Whole seconds to wait, rounded up and at least 1.
    var retrySeconds: Int64? { retryAfter.map { Swift.max(1, ($0 + 999) / 1000) } }
}

/// How the answer to a verification is given.
enum VerificationForm: Sendable {
    /// As JSON.
    case document
    /// By status and headers; `limited` is the status for a limit or a quota that is spent.
    case status(limited: Int)
}

extension Reply {
    /// The answer to a proxy: the status, and headers that it may hand on. Texts that people chose are written so that
    /// they mean nothing to anybody but who decodes them (RFC 3986, section 2.1).
    ///
    /// - Parameter limited: the status for a limit or a quota that is spent.
    init(_ found: Verification, limited: Int) {
        let status =
            switch found.code {
            case .valid: 200
            case .notFound, .expired, .revoked, .disabled: 401
            case .networkDenied, .scopeDenied: 403
            case .rateLimited, .quotaExceeded: limited
            }
        self.init(status: status, headers: [("Keyturn-Code", found.code.rawValue)])
        if status == 401 { headers.append(("WWW-Authenticate", #"Bearer error="invalid_token""#)) }
        if let seconds = found.retrySeconds { headers.append(("Retry-After", String(seconds))) }
        guard let key = found.key else { return }
        headers.append(("Keyturn-Issuer", HeaderText.inert(key.issuer)))
        headers.append(("Keyturn-Id", HeaderText.inert(key.id)))
        if !key.owner.isEmpty { headers.append(("Keyturn-Owner", HeaderText.inert(key.owner))) }
        if !key.name.isEmpty { headers.append(("Keyturn-Name", HeaderText.inert(key.name))) }
        headers.append(("Keyturn-Visibility", key.visibility.rawValue))
        if let tier = key.tier { headers.append(("Keyturn-Tier", HeaderText.inert(tier))) }
        if let tightest = found.windows.min(by: { $0.remaining < $1.remaining }) {
            headers.append(("RateLimit-Limit", String(tightest.limit.uses)))
            headers.append(("RateLimit-Remaining", String(tightest.remaining)))
            headers.append(("RateLimit-Reset", String((tightest.reset + 999) / 1000)))
        }
    }
}

/// Text from outside as it may stand in a header.
enum HeaderText {
    /// Letters, digits and `-._~@:/+` as they are; every other byte of the UTF-8 as `%` and two digits.
    static func inert(_ text: String) -> String {
        var inert = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "@"), UInt8(ascii: ":"), UInt8(ascii: "/"), UInt8(ascii: "+"):
                inert.unicodeScalars.append(Unicode.Scalar(byte))
            default: inert += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return inert
    }
}
