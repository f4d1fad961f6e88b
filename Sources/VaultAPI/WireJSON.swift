internal import FoundationEssentials

/// JSON in and out, one way for both sides.
package enum WireJSON {
    /// Encodes with members in order of their names and slashes as they are.
    package static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(value))
    }

    /// The same, indented, for people.
    package static func encodeForReading(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        return [UInt8](try encoder.encode(value))
    }

    /// Decodes the body of a request, strictly. Depth, size and duplicate names are the caller's to check before.
    ///
    /// - Throws: ``WireRefusal``, which holds nothing from the body.
    package static func request<Request: WireRequest>(
        _ type: Request.Type = Request.self, from bytes: [UInt8]
    ) throws(WireRefusal) -> Request {
        do {
            return try JSONDecoder().decode(Strict<Request>.self, from: Data(bytes)).value
        } catch {
            throw WireRefusal(decoding: error)
        }
    }

    /// Decodes the body of a reply. Members that this build does not know are passed over, so that a newer server
    /// can be talked to.
    ///
    /// - Throws: ``WireRefusal``, which holds nothing from the body.
    package static func reply<Reply: Decodable>(
        _ type: Reply.Type = Reply.self, from bytes: [UInt8]
    ) throws(WireRefusal) -> Reply {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw WireRefusal(decoding: error)
        }
    }
}
