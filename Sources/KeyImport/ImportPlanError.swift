/// Everything that keeps a file from being imported as asked.
package struct ImportPlanError: Error, Equatable, Sendable, CustomStringConvertible {
    /// At least one.
    package let problems: [ImportPlanProblem]

    package var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// One thing that keeps a file from being imported as asked.
package enum ImportPlanProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// Two names or more become one path.
    case collision(path: String, names: [String])
    /// A mapping names something that the file does not have.
    case unknownName(name: String)
    /// The rule leaves nothing of the name.
    case noPath(name: String)
    /// With the prefix, the path has more bytes or segments than a path may have.
    case pathTooLong(name: String)
    /// A field is empty while others of the same key are not.
    case emptyField(name: String, field: String)

    package var description: String {
        switch self {
        case .collision(let path, let names):
            "\(names.joined(separator: " and ")) would both be \(path); give one of them another path with --map"
        case .unknownName(let name): "--map names \(name), which is not in the file"
        case .noPath(let name): "nothing of \(name) is left for a path; give it one with --map"
        case .pathTooLong(let name): "the path of \(name) would be too long; shorten the prefix or use --map"
        case .emptyField(let name, let field):
            "the field \(field) of \(name) is empty while others are not; give it a value or remove it"
        }
    }
}
