internal import Policy
internal import VaultAPI

/// Policy files read without a server.
enum PolicyFiles {
    /// Reads and checks the folder, with all the tests that the files hold.
    ///
    /// - Throws: a failure that names every error with file and line.
    static func load(_ folder: String) throws(Failure) -> PolicySet {
        let files: [(name: String, text: String)]
        do {
            files = try PolicyFolder.read(folder)
        } catch {
            throw Failure(.failed, "\(error)")
        }
        do {
            return try PolicySet.load(files: files)
        } catch {
            var lines = error.errors.map(\.description)
            if error.untold > 0 { lines.append("and \(error.untold) more") }
            let count = error.errors.count + error.untold
            throw Failure(
                .failed, count == 1 ? "1 error in the policy files" : "\(count) errors in the policy files",
                hints: lines)
        }
    }

    /// The policies that files define, in order of their names.
    static func summaries(_ set: PolicySet) -> [CheckedPolicy] {
        set.names.filter { $0 != PolicyFile.administrator }.compactMap { name in
            set.summary(of: name).map {
                CheckedPolicy(name: $0.name, file: $0.file, rules: $0.ruleCount, tests: $0.testCount)
            }
        }
    }
}

/// A policy that was found right.
struct CheckedPolicy: Encodable, Equatable {
    var name: String
    var file: String
    var rules: Int
    var tests: Int
}

/// What `keyturn policy check --json` and `test --json` print when everything is right.
struct CheckedPolicies: Encodable {
    var policies: [CheckedPolicy]
}
