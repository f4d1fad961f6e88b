internal import VaultAPI

/// Why the console itself shows a problem.
struct ConsoleError: Error {
    var code: ProblemCode
    var detail: String
    var retryAfter: Int?

    init(_ code: ProblemCode, _ detail: String, retryAfter: Int? = nil) {
        self.code = code
        self.detail = detail
        self.retryAfter = retryAfter
    }
}
