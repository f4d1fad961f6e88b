internal import NIOHTTP1
internal import VaultAPI

/// How a request's body comes, and whether it may (RFC 9112, section 6).
struct BodyFraming: Equatable {
    /// How many bytes were announced; nil for chunks.
    var announced: Int?
    /// Whether the client waits to be told to go on (RFC 9110, section 10.1.1).
    var awaitsContinue: Bool

    /// Of a head that says nothing of a body.
    static let noBody = BodyFraming()

    private init() {
        announced = 0
        awaitsContinue = false
    }

    /// - Parameter limit: the most bytes that the call takes.
    /// - Throws: ``Refusal``: `too_large` before a byte of it is read, `malformed`.
    init(_ head: HTTPRequestHead, limit: Int) throws(Refusal) {
        let length = head.headers.first(name: "Content-Length")
        let coding = head.headers.first(name: "Transfer-Encoding")
        if let coding {
            guard coding.lowercased() == "chunked", length == nil, head.version == .http1_1 else {
                throw Refusal(.malformed, "a body is sent with Content-Length or in chunks, not otherwise and not both")
            }
            announced = nil
        } else if let length {
            guard !length.isEmpty, length.utf8.count <= 18, length.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let count = Int(length)
            else { throw Refusal(.malformed, "Content-Length is a whole number", field: "Content-Length") }
            guard count <= limit else { throw Self.tooLarge(limit) }
            announced = count
        } else {
            announced = 0
        }
        switch head.headers.first(name: "Expect")?.lowercased() {
        case nil: awaitsContinue = false
        case "100-continue": awaitsContinue = announced != 0 && head.version == .http1_1
        default: throw Refusal(.malformed, "the only expectation known here is 100-continue", field: "Expect")
        }
    }

    static func tooLarge(_ limit: Int) -> Refusal {
        Refusal(.tooLarge, "the body of this call has at most \(limit) bytes")
    }
}
