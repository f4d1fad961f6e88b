internal import VaultAPI

/// One call: how it is reached, what it takes, what it gives. The router and the OpenAPI document are both made of these.
///
/// An object: requests carry their route along, and none of its parts is looked at more than once.
package final class Route: Sendable {
    package let operation: Operation
    package let method: String
    /// `/v1/keys/{path}:restore`: `{path}` stands for one segment or more, any other name in braces for one.
    package let template: String
    /// A sentence for the document.
    package let summary: String
    package let query: [Parameter]
    /// Request headers that mean something to this call, beside those of every call.
    package let headers: [Parameter]
    package let body: Body
    package let replies: [Reply]
    /// Whether anybody may call it.
    package let isOpen: Bool
    /// What the logs say: method and template.
    package let name: String
    /// The names of the query's parameters.
    package let queryNames: [String]

    /// A parameter in the query or in a header.
    package struct Parameter: Sendable, Equatable {
        package var name: String
        package var summary: String
        package var type: ParameterType
    }

    /// What a parameter's text means.
    package enum ParameterType: Sendable, Equatable {
        case text
        case flag
        case integer(ClosedRange<Int>)
        case word([String])
    }

    /// What a request carries.
    package enum Body: Sendable, Equatable {
        /// Nothing; an empty JSON object is taken for nothing.
        case none
        /// JSON: the schema's name, the most bytes, the most members; whether it may be left out.
        case json(schema: String, bytes: Int, members: Int, isOptional: Bool)
        /// A passphrase, a recovery code: the bytes themselves, or a form with the one field `passphrase`.
        case secret
        /// A form of the console: the most bytes.
        case form(bytes: Int)

        /// The most bytes.
        package var limit: Int {
            switch self {
            case .none, .secret: 4 * 1024
            case .json(_, let bytes, _, _), .form(let bytes): bytes
            }
        }
    }

    /// A reply that is no problem.
    package struct Reply: Sendable, Equatable {
        package var status: Int
        /// The schema's name; nil for a reply without a body.
        package var schema: String?
    }

    init(
        _ operation: Operation, _ method: String, _ template: String, _ summary: String, query: [Parameter] = [],
        headers: [Parameter] = [], body: Body = .none, replies: [Reply], isOpen: Bool = false
    ) {
        self.operation = operation
        self.method = method
        self.template = template
        self.summary = summary
        self.query = query
        self.headers = headers
        self.body = body
        self.replies = replies
        self.isOpen = isOpen
        name = "\(method) \(template)"
        queryNames = query.map(\.name)
    }

    /// Whether a proxy asks by headers about a key that its customer presented.
    var verifiesForProxy: Bool { operation == .checkKey || operation == .checkKeyHead }
}

extension Route.Body {
    /// JSON of the usual size: 512 KiB, 1,000 members.
    static func json(_ schema: String, isOptional: Bool = false) -> Route.Body {
        .json(schema: schema, bytes: 512 * 1024, members: 1_000, isOptional: isOptional)
    }
}

extension Route.Reply {
    static func ok(_ schema: String) -> Route.Reply { Route.Reply(status: 200, schema: schema) }
    static func created(_ schema: String) -> Route.Reply { Route.Reply(status: 201, schema: schema) }
}

extension Route.Parameter {
    static func text(_ name: String, _ summary: String) -> Route.Parameter {
        Route.Parameter(name: name, summary: summary, type: .text)
    }
    static func flag(_ name: String, _ summary: String) -> Route.Parameter {
        Route.Parameter(name: name, summary: summary, type: .flag)
    }
    static func integer(_ name: String, _ range: ClosedRange<Int>, _ summary: String) -> Route.Parameter {
        Route.Parameter(name: name, summary: summary, type: .integer(range))
    }
    static func word(_ name: String, _ words: [String], _ summary: String) -> Route.Parameter {
        Route.Parameter(name: name, summary: summary, type: .word(words))
    }

    static let instance = text(
        InstanceName.header, "Which of its instances the caller is; up to 64 letters, digits, `.`, `_` and `-`.")
    static let slot = integer("slot", 0...7, "The key slot; 0 unless said.")
    static let limit = Route.Parameter(
        name: "limit",
        summary: "The most items of the page, from 1 to 1,000; what is less is taken as 1, and what is more as 1,000.",
        type: .integer(-2_147_483_648...2_147_483_647))
    static let cursor = text("cursor", "Where the page before ended: the `cursor` that it gave.")
    static let ifMatch = text(
        "If-Match", "Do it only if the key's entity tag is one of these, or, for `*`, if it exists.")
    static let ifNoneMatch = text("If-None-Match", "`*`: do it only if there is no such key.")
    static let authorization = text("Keyturn-Authorization", "What `POST /v1/seal:authorize` gave; good once.")
}
