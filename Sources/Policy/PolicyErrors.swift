internal import StrictYAML

/// One thing that is wrong in a policy file, and what would be right.
package struct PolicyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file's name.
    package let file: String
    /// The line, counted from 1.
    package let line: Int
    /// What is wrong.
    package let problem: String
    /// What would be right.
    package let remedy: String

    package var description: String { "\(file):\(line): \(problem); \(remedy)" }
}

/// Everything that is wrong in a set of policy files, in the order of the files and their lines; at least one.
package struct PolicyErrors: Error, Hashable, Sendable, CustomStringConvertible {
    /// The most errors that are told of one set.
    package static let most = 100

    package let errors: [PolicyError]
    /// How many more there were.
    package let untold: Int

    init(_ all: [PolicyError]) {
        errors = Array(all.prefix(PolicyErrors.most))
        untold = max(0, all.count - PolicyErrors.most)
    }

    /// One line for each error.
    package var description: String {
        let lines = errors.map(\.description)
        return (untold > 0 ? lines + ["and \(untold) more"] : lines).joined(separator: "\n")
    }
}

/// Collects what is wrong in one file, so that all of it can be told at once.
struct Findings {
    let file: String
    private(set) var errors: [PolicyError] = []

    init(file: String) { self.file = file }

    mutating func add(_ line: Int, _ problem: String, _ remedy: String) {
        errors.append(PolicyError(file: file, line: line, problem: problem, remedy: remedy))
    }

    /// A word of the file as a message may show it.
    static func shown(_ word: String) -> String { YAMLText.shown(word) }
}
