/// One policy file, checked: what ``PolicySet`` is made of.
package struct PolicyFile: Sendable {
    /// The built-in policy that allows everything and that no file may define.
    package static let administrator = "administrator"
    /// The most rules of one file.
    package static let mostRules = 10_000

    /// The file's name, for messages.
    package let file: String
    /// The policy's name.
    package let name: String
    /// The line that names it, counted from 1.
    package let nameLine: Int
    package let description: String?
    package let rules: [Rule]
    /// The Unix users who hold this policy on the local socket.
    package let unixUsers: [String]
    /// What the file says must be allowed and denied to a caller who holds this policy alone.
    package let tests: [PolicyTest]

    /// Reads one file.
    ///
    /// - Parameters:
    ///   - file: the name that errors give.
    ///   - text: at most 1 MiB of YAML; the format is in `docs/policies.md`.
    /// - Throws: ``PolicyErrors`` with everything that is wrong, each with its line. Embedded tests are not run here.
    package static func parse(file: String, text: String) throws(PolicyErrors) -> PolicyFile {
        switch read(file: file, text: text) {
        case .policy(let policy): return policy
        case .errors(let errors): throw PolicyErrors(errors)
        }
    }

    /// What a file turned out to be.
    enum Outcome {
        case policy(PolicyFile)
        /// At least one, ordered by line.
        case errors([PolicyError])
    }

    /// ``parse(file:text:)`` with however many errors there are.
    static func read(file: String, text: String) -> Outcome {
        var reader = PolicyFileReader(file: file)
        let policy = reader.read(text)
        guard let policy, reader.findings.errors.isEmpty else {
            return .errors(reader.findings.errors.sorted { $0.line < $1.line })
        }
        return .policy(policy)
    }
}

/// One line of a file's `tests:`, and what it expects.
package struct PolicyTest: Sendable {
    /// Counted from 1.
    package let line: Int
    package let expected: Effect
    package let actions: [Action]
    package let target: PolicyTarget
}
