package import Outbound

/// How one kind of provider is asked to make, try, list and end keys: what a provider file says, checked.
///
/// Everything that could be wrong in a file is found when it is read. What a run adds are values, and they cannot
/// change which host is asked, nor the shape of a path, a header or a body.
package struct ProviderFile: Sendable {
    /// What settings name it by.
    package let name: String
    /// The file's name, for messages.
    package let file: String
    package let description: String?
    package let documentation: String?
    package let origin: Origin
    let limits: OutboundLimits
    let settings: [Setting]
    /// Days ahead, by name.
    let dates: [String: Int]
    /// The fields that the key named by the setting `credential` must have; empty where none is needed.
    let credentialFields: [String]
    /// The fields of a key here.
    let fields: [String]
    /// Which of them the provider knows the key by.
    let handleField: String
    let create: Create
    let test: Test
    let retire: Retire
    let list: List?

    struct Setting: Sendable {
        enum Kind: String, Sendable, CaseIterable {
            case text
            /// JSON, which may stand in place of a value.
            case json
        }
        let name: String
        let kind: Kind
        /// Nil where the setting must be given.
        let preset: String?
    }

    struct Request: Sendable {
        let method: OutboundRequest.Method
        let target: TargetTemplate
        let headers: [(name: String, value: Template)]
        let basic: (user: Template, password: Template)?
        let body: Body?

        enum Body: Sendable {
            case json(JSONTemplate)
            case form([(name: String, value: Template)])
        }

        var names: [TemplateName] {
            var names = target.names + headers.flatMap(\.value.names)
            if let basic { names += basic.user.names + basic.password.names }
            switch body {
            case .json(let json): names += json.names
            case .form(let pairs): names += pairs.flatMap(\.value.names)
            case nil: break
            }
            return names
        }
    }

    struct Create: Sendable {
        let request: Request
        let expected: [Int]
        /// Where the reply holds each new field.
        let take: [(field: String, pointer: JSONPointer)]
        /// The fields that stay as they were.
        let keep: [String]
    }

    struct Test: Sendable {
        let request: Request
        let expected: [Int]
        /// What the reply must say.
        let check: [(pointer: JSONPointer, text: String)]
        /// For how many milliseconds a new key may be unknown.
        let settle: Int64
    }

    struct Retire: Sendable {
        let request: Request
        let expected: [Int]
        /// What says that the key was gone already.
        let gone: [Int]
    }

    struct List: Sendable {
        enum Paging: Sendable {
            case none
            /// Pages are numbered from `first`; one with fewer than `size` items is the last.
            case numbered(first: Int, size: Int)
            /// The reply says where the next page begins, and whether there is one.
            case cursor(JSONPointer, more: JSONPointer?, next: Request)
        }
        let request: Request
        let expected: [Int]
        let items: JSONPointer
        let handle: JSONPointer
        let mark: JSONPointer?
        let paging: Paging
    }
}

/// What is wrong in a provider file, and what would be right.
package struct ProviderFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file's name.
    package let file: String
    /// The line, counted from 1.
    package let line: Int
    /// What is wrong.
    package let problem: String
    /// What would be right.
    package let remedy: String

    package var description: String { "\(file):\(line): \(problem); \(remedy)" }
}
