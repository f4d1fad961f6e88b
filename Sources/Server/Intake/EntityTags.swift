internal import VaultAPI

/// Entity tags of conditional requests (RFC 9110, section 8.8.3): strong, quoted on the wire, bare inside.
package enum EntityTags: Equatable, Sendable {
    /// `*`.
    case any
    /// A list, unquoted.
    case these([String])

    /// The most tags of one header.
    package static let most = 16

    /// Reads the value of `If-Match` or `If-None-Match`.
    ///
    /// - Parameter name: the header, for messages.
    /// - Throws: ``Refusal`` with `malformed`: weak tags in If-Match, tags without quotes.
    package init(parsing value: String, header name: String) throws(Refusal) {
        if value == "*" {
            self = .any
            return
        }
        var tags: [String] = []
        for part in value.split(separator: ",", omittingEmptySubsequences: false) {
            var tag = part.utf8.drop { $0 == UInt8(ascii: " ") }
            // For If-None-Match a weak tag is as good (RFC 9110, section 13.1.2); compressing proxies make tags weak.
            if name == "If-None-Match", tag.starts(with: "W/".utf8) { tag = tag.dropFirst(2) }
            let end = tag.lastIndex { $0 != UInt8(ascii: " ") }
            guard let end, tag.count >= 2, tag.first == UInt8(ascii: "\""), tag[end] == UInt8(ascii: "\""),
                end > tag.startIndex
            else { throw Self.malformed(name) }
            let inner = tag[tag.index(after: tag.startIndex)..<end]
            guard inner.count <= 128, inner.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\"") }),
                let text = String(inner)
            else { throw Self.malformed(name) }
            tags.append(text)
        }
        guard !tags.isEmpty, tags.count <= Self.most else { throw Self.malformed(name) }
        self = .these(tags)
    }

    /// A tag as it stands in a header.
    package static func quoted(_ tag: String) -> String { "\"\(tag)\"" }

    private static func malformed(_ name: String) -> Refusal {
        Refusal(.malformed, "\(name) is * or a list of strong entity tags in quotes", field: name)
    }
}
