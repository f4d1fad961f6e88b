package import VaultAPI

/// Why a vault did not give what it was asked for.
///
/// Two errors are equal when their codes are. The description is for people and holds no secret.
public struct KeyturnClientError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of failure that callers tell apart.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        enum Word: String {
            case sealed, unauthorized, refused, notFound = "not_found", rejected, unreachable, interrupted
            case timedOut = "timed_out", unexpectedReply = "unexpected_reply", invalidRequest = "invalid_request"
            case invalidSetting = "invalid_setting"
        }

        let word: Word

        /// The vault is sealed or not initialised; it may open later.
        public static let sealed = Code(word: .sealed)
        /// The vault does not know the caller.
        public static let unauthorized = Code(word: .unauthorized)
        /// The caller may not do this.
        public static let refused = Code(word: .refused)
        /// There is no such key, version or record.
        public static let notFound = Code(word: .notFound)
        /// The vault answered with another problem.
        public static let rejected = Code(word: .rejected)
        /// Nothing answers at the address.
        public static let unreachable = Code(word: .unreachable)
        /// The connection broke before the whole reply was there: whether a change was made is not known.
        public static let interrupted = Code(word: .interrupted)
        /// The reply took too long: whether a change was made is not known.
        public static let timedOut = Code(word: .timedOut)
        /// What answered is not a vault that this client understands.
        public static let unexpectedReply = Code(word: .unexpectedReply)
        /// The request could not be made from what was given.
        public static let invalidRequest = Code(word: .invalidRequest)
        /// An address, access key or certificate file is not usable.
        public static let invalidSetting = Code(word: .invalidSetting)

        /// A short name that is safe in a metric.
        public var description: String { word.rawValue }
    }

    /// The kind of failure.
    public let code: Code
    /// What the vault said, where it said something.
    package let problem: ProblemDocument?
    /// Seconds after which to ask again, where the vault said so.
    public internal(set) var retryAfter: Int?
    /// The HTTP status of the reply, where there was one.
    package internal(set) var status: Int?
    /// Whether the call that failed would have changed nothing.
    package var changedNothing = false
    private let reason: String

    package init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
        problem = nil
    }

    package init(_ problem: ProblemDocument) {
        self.problem = problem
        reason = problem.detail
        code =
            switch problem.problemCode {
            case .sealed, .uninitialized: .sealed
            case .unauthorized: .unauthorized
            case .refused, .hostRefused, .originRefused, .wrongPassphrase: .refused
            case .inTrash where problem.status == 409: .rejected
            case .notFound, .inTrash, .expired, .noSuchVersion: .notFound
            default: .rejected
            }
    }

    /// Whether the codes are the same.
    public static func == (a: Self, b: Self) -> Bool { a.code == b.code }

    /// A sentence for people.
    public var description: String { reason }

    /// What the `keyturn` command ends with.
    package var exitCode: ExitCode {
        switch code.word {
        case .sealed: .sealed
        case .unauthorized, .refused: .refused
        case .notFound: .notFound
        case .unreachable, .interrupted, .timedOut: .unreachable
        case .invalidSetting: .usage
        // A path that is taken by what lies in the trash is found all right.
        case .rejected where problem?.problemCode == .inTrash: .failed
        case .rejected: problem?.problemCode?.exitCode ?? .failed
        case .unexpectedReply, .invalidRequest: .failed
        }
    }
}
