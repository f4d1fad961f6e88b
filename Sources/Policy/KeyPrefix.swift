/// What a list is narrowed to: a key's path or the folder above it, or everything.
///
/// `payments` and `payments/` are one prefix, so that a rule cannot be passed by adding a slash. A prefix is whole
/// segments: `pay` does not hold `payments/stripe`.
package struct KeyPrefix: Hashable, Sendable {
    /// The prefix without a slash at its end; empty for everything.
    package let text: String

    /// Everything.
    package static let everything = KeyPrefix()

    private init() { text = "" }

    /// Takes an empty text for everything, or a path with or without one slash after it.
    ///
    /// - Throws: ``ResourcePathError`` for what is left when that slash is gone.
    package init(parsing text: String) throws(ResourcePathError) {
        guard !text.isEmpty else {
            self.text = ""
            return
        }
        let trimmed = text.utf8.last == Segment.slash ? String(text.dropLast()) : text
        self.text = try ResourcePath(parsing: trimmed).text
    }

    /// Whether `path` is the prefix itself or lies beneath it.
    package func contains(_ path: ResourcePath) -> Bool {
        let prefix = text.utf8.span
        let bytes = path.text.utf8.span
        guard !prefix.isEmpty else { return true }
        guard bytes.count >= prefix.count else { return false }
        for offset in prefix.indices where bytes[offset] != prefix[offset] { return false }
        return bytes.count == prefix.count || bytes[prefix.count] == Segment.slash
    }
}
