/// A policy file in force, for people: its text, its rules, and what became of its own tests.
package struct PolicyFileReport: Sendable, Equatable {
    package struct Test: Sendable, Equatable {
        /// Counted from 1.
        package var line: Int
        /// `allow` or `deny`.
        package var expected: String
        package var action: String
        /// What it is about, in words.
        package var target: String
        package var passed: Bool
        /// The line of the rule that decided; nil: no rule matched.
        package var decidedBy: Int?
    }

    /// The policy's name.
    package var policy: String
    package var file: String
    package var description: String
    package var text: String
    package var rules: Int
    package var unixUsers: [String]
    package var tests: [Test]
}

/// Who a question is about.
package enum AskedCaller: Sendable, Equatable {
    /// An access key, by its id or its name.
    case accessKey(String)
    /// A Unix user on the local socket, by name.
    case unixUser(String)
    /// Whoever holds these policies.
    case policies([String])
}

/// The answer to "may this caller do that to this?".
package struct PolicyAnswer: Sendable, Equatable {
    package var isAllowed: Bool
    /// The caller in words, and the policies that it holds.
    package var caller: String
    package var policies: [String]
    package var action: String
    package var target: String
    /// As for a refusal: a first line with the decision, then one for each thing worth knowing.
    package var explanation: [String]
    /// The rule that decided; nil: none matched.
    package var rule: DecisionReport.Rule?
}
