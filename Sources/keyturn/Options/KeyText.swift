internal import Policy

/// Checks of what is typed before it is sent, so that mistakes end with exit code 2 and touch nothing.
enum KeyText {
    /// The path of a key.
    static func path(_ text: String) throws(Failure) -> String {
        do {
            return try ResourcePath(parsing: text).text
        } catch {
            throw .usage("\(error)")
        }
    }

    /// `PATH` or `PATH#FIELD`; the field is `value` unless said.
    static func place(_ text: String) throws(Failure) -> (path: String, field: String) {
        let parts = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        return (try path(String(parts[0])), try field(parts.count == 2 ? String(parts[1]) : "value"))
    }

    /// The name of a field: `[a-z][a-z0-9_]{0,63}`.
    static func field(_ text: String) throws(Failure) -> String {
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let isName = text.utf8.allSatisfy { letters.contains($0) || digits.contains($0) || $0 == UInt8(ascii: "_") }
        guard isName, let first = text.utf8.first, letters.contains(first), text.utf8.count <= 64 else {
            throw .usage("the name of a field starts with a-z and goes on with a-z, 0-9 and _, up to 64 characters")
        }
        return text
    }
}
