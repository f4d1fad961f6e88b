/// The body of a request. It is decoded by ``WireJSON/request(_:from:)``, which refuses members that are not listed.
package protocol WireRequest: Codable, Sendable {
    associatedtype CodingKeys: CodingKey, CaseIterable
}

/// A request whose members have been compared with those it knows, before anything was read from them.
struct Strict<Request: WireRequest>: Decodable {
    let value: Request

    init(from decoder: any Decoder) throws {
        let known = Set(Request.CodingKeys.allCases.map(\.stringValue))
        for key in try decoder.container(keyedBy: AnyMember.self).allKeys where !known.contains(key.stringValue) {
            let place = WireRefusal.fieldName(decoder.codingPath + [key]) ?? "*"
            let list = known.sorted().map { "`\($0)`" }.joined(separator: ", ")
            throw WireRefusal(.unknownMember, field: place, detail: "`\(place)` is not known here. Known: \(list).")
        }
        value = try Request(from: decoder)
    }
}

extension Strict: Sendable {}

/// Whatever name a member has.
struct AnyMember: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension KeyedDecodingContainer {
    /// An array of requests, each as strict as a request on its own.
    func decodeStrictly<Request: WireRequest>(_ type: [Request].Type, forKey key: Key) throws -> [Request] {
        try decode([Strict<Request>].self, forKey: key).map(\.value)
    }

    /// A request inside a request, where it is there, as strict as on its own.
    func decodeStrictlyIfPresent<Request: WireRequest>(_ type: Request.Type, forKey key: Key) throws -> Request? {
        try decodeIfPresent(Strict<Request>.self, forKey: key)?.value
    }
}
