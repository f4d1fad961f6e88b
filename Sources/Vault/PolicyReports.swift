/// What is in force.
package struct PolicyReport: Sendable, Equatable {
    package struct Item: Sendable, Equatable {
        package var name: String
        package var description: String
        package var file: String
        package var rules: Int
        package var tests: Int
    }
    package var policies: [Item]
    /// 64 lower-case hexadecimal digits.
    package var digest: String
    package var loaded: Timestamp
}

/// A refusal, explained.
package struct DecisionReport: Sendable, Equatable {
    package struct Rule: Sendable, Equatable {
        package var policy: String
        package var file: String
        package var line: Int
        package var effect: String
        package var reason: String?
    }
    package var id: String
    package var time: Timestamp
    package var caller: String
    package var action: String
    package var target: String
    package var outcome: String
    package var explanation: [String]
    package var rule: Rule?
}

/// Who the vault takes somebody for.
package struct Identity: Sendable, Equatable {
    package var kind: String
    package var id: String
    package var name: String
    package var policies: [String]
}
