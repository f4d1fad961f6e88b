internal import NIOHTTP1
internal import SecretMemory
internal import VaultAPI

/// The access key that a request presents in `Authorization: Bearer` (RFC 6750) or in `X-API-Key`.
enum PresentedCredential {
    /// The most bytes of what is presented; anything longer is no access key, and is not looked up.
    static let longest = 512

    /// The text that was presented, or nil where there is none.
    ///
    /// - Throws: ``Refusal``: `malformed` where a header is repeated or the two differ, `unauthorized` where what is
    ///   presented cannot be an access key.
    static func find(in headers: HTTPHeaders) throws(Refusal) -> WipedBytes? {
        let bearer = try single("Authorization", in: headers)
        let plain = try single("X-API-Key", in: headers)
        let text: WipedBytes
        switch (bearer, plain) {
        case (nil, nil): return nil
        case (nil, let plain?): text = WipedBytes(utf8: plain)
        case (let bearer?, let plain):
            let scheme = "bearer "
            guard bearer.utf8.count >= scheme.utf8.count, bearer.utf8.prefix(scheme.utf8.count).matches(scheme) else {
                throw Refusal(.unauthorized, "present an access key as `Authorization: Bearer <access key>`")
            }
            text = unsafe WipedBytes(copying: bearer.utf8Span.span.bytes.extracting(droppingFirst: scheme.utf8.count))
            if let plain, !isSame(text, plain) {
                throw Refusal(
                    .malformed, "Authorization and X-API-Key present different access keys; send one of them")
            }
        }
        guard 1...longest ~= text.count, text.isPrintable else {
            throw Refusal(.unauthorized, "what was presented is no access key")
        }
        return text
    }

    private static func isSame(_ text: WipedBytes, _ other: String) -> Bool {
        text.withBytes { unsafe constantTimeEqual($0, other.utf8Span.span.bytes) }
    }

    /// The value of a header that may be there once.
    static func single(_ name: String, in headers: HTTPHeaders) throws(Refusal) -> String? {
        var found: String?
        for (field, value) in headers where field.utf8.matches(name) {
            guard found == nil else { throw Refusal.repeated(header: name) }
            found = value
        }
        return found
    }
}

extension WipedBytes {
    /// Whether all of it is in ASCII, and neither spaces nor control characters are in it.
    fileprivate var isPrintable: Bool {
        withBytes { bytes in
            bytes.byteOffsets.allSatisfy {
                (0x21...0x7e).contains(unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self))
            }
        }
    }
}
