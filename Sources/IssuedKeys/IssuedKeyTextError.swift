/// Why a text is no issued key. Nothing of the text is in it.
package enum IssuedKeyTextError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Fewer characters than the shortest key has.
    case tooShort
    /// More characters than the longest key has.
    case tooLong
    /// No `_` stands before the last 61 characters.
    case separatorMissing
    /// One of the last 61 characters is no base-62 digit.
    case notBase62
    /// The prefix does not follow ``IssuedKeyText/prefixRule``.
    case malformedPrefix
    /// The six digits at the end do not belong to the rest.
    case wrongChecksum

    package var description: String {
        switch self {
        case .tooShort: "the key is too short; it may have been cut off"
        case .tooLong: "the key is too long"
        case .separatorMissing: "a key ends with `_` and 61 letters and digits"
        case .notBase62: "the 61 characters after the last `_` are the letters A-Z and a-z and the digits 0-9"
        case .malformedPrefix: IssuedKeyText.prefixRule
        case .wrongChecksum: "the checksum is wrong; the key was mistyped or cut off"
        }
    }
}
