/// What can go wrong with memory for secrets.
package enum SecretMemoryError: Error, Equatable, CustomStringConvertible {
    /// libsodium could not be initialised.
    case libraryUnavailable
    /// A secret has at least one byte.
    case emptySecret
    /// The guarded pages could not be had.
    case outOfMemory
    /// The pages could not be made read-only.
    case protectionFailed
    /// What should have filled the secret failed.
    case fillFailed

    package var description: String {
        switch self {
        case .libraryUnavailable: "libsodium could not be initialised"
        case .emptySecret: "a secret has at least one byte"
        case .outOfMemory: "no memory left for a guarded secret"
        case .protectionFailed: "the pages of a secret could not be made read-only"
        case .fillFailed: "what should have filled a secret failed"
        }
    }
}
