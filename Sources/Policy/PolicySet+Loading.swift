extension PolicySet {
    /// Makes a set of policy files, all of them or none.
    ///
    /// Every file is read, names are compared, and each file's own tests are run against its policy alone. Pure:
    /// the files' texts come in, nothing else is looked at.
    ///
    /// - Parameter files: names, as errors and explanations give them, and texts, in any order. A name comes once.
    /// - Throws: ``PolicyErrors`` with everything that is wrong in all of the files.
    package static func load(files: [(name: String, text: String)]) throws(PolicyErrors) -> PolicySet {
        var errors: [PolicyError] = []
        var compiled: [CompiledPolicy] = []
        var places: [String: PolicyFile] = [:]
        var seen: Set<String> = []
        for (file, text) in files.sorted(by: { $0.name < $1.name }) {
            guard seen.insert(file).inserted else {
                errors.append(
                    PolicyError(file: file, line: 1, problem: "the file is there twice", remedy: "give it once"))
                continue
            }
            switch PolicyFile.read(file: file, text: text) {
            case .policy(let policy):
                // Names that differ in case alone would be taken for one another.
                if let other = places.updateValue(policy, forKey: policy.name.lowercased()) {
                    errors.append(
                        PolicyError(
                            file: file, line: policy.nameLine,
                            problem:
                                "the policy `\(policy.name)` is already defined in \(other.file):\(other.nameLine)",
                            remedy: "give every policy a name of its own"))
                    continue
                }
                let ready = CompiledPolicy(policy)
                errors += failures(of: policy.tests, in: ready)
                compiled.append(ready)
            case .errors(let found):
                errors += found
            }
        }
        guard errors.isEmpty else { throw PolicyErrors(errors) }
        return PolicySet(compiled)
    }

    /// The bytes that stand for a set of files, for a digest: the same files give the same bytes in whatever order
    /// they come, and no other files give them.
    ///
    /// The text `keyturn policies 1`, a newline, then for each file, ordered by its name's UTF-8 bytes: the length
    /// of the name, the name, the length of the text, the text; lengths are 4 bytes, little-endian.
    package static func canonicalBytes(of files: [(name: String, text: String)]) -> [UInt8] {
        var bytes = Array("keyturn policies 1\n".utf8)
        func append(_ text: String) {
            let length = UInt32(clamping: text.utf8.count)
            for shift in [0, 8, 16, 24] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: length >> shift)) }
            bytes.append(contentsOf: text.utf8)
        }
        let ordered = files.sorted { left, right in left.name.utf8.lexicographicallyPrecedes(right.name.utf8) }
        for (name, text) in ordered {
            append(name)
            append(text)
        }
        return bytes
    }

    private static func failures(of tests: [PolicyTest], in policy: CompiledPolicy) -> [PolicyError] {
        let alone = PolicySet([policy])
        var errors: [PolicyError] = []
        for test in tests {
            for action in test.actions {
                let explanation = alone.explain([policy.name], action, test.target)
                guard explanation.decision.allowed != (test.expected == .allow) else { continue }
                let found =
                    if let rule = explanation.decision.rule {
                        "the \(rule.effect.rawValue) rule at line \(rule.line) matches"
                    } else {
                        "no rule matches"
                    }
                errors.append(
                    PolicyError(
                        file: policy.file, line: test.line,
                        problem: "this test fails: \(test.expected.rawValue) \(action.rawValue)"
                            + "\(Explanation.words(for: test.target, before: " on ")) is expected, but \(found)",
                        remedy: "correct the rule or the test"))
            }
        }
        return errors
    }
}
