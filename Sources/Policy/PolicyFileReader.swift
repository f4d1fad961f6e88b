internal import StrictYAML

/// Reads a policy file from its YAML and notes all that is wrong.
struct PolicyFileReader {
    private static let words = ["policy", "description", "rules", "callers", "tests"]
    private static let longestDescription = 1_000

    var findings: Findings

    init(file: String) { findings = Findings(file: file) }

    /// The policy, or nil where nothing can be made of the file; what is wrong is in ``findings`` either way.
    mutating func read(_ text: String) -> PolicyFile? {
        let root: YAMLNode?
        do {
            root = try StrictYAML.read(text)
        } catch {
            findings.add(error.line, error.problem, error.remedy)
            return nil
        }
        guard let root, case .mapping(let pairs) = root.content else {
            findings.add(
                root?.line ?? 1, root == nil ? "the file holds no policy" : "the file holds \(root?.kind ?? "nothing")",
                "begin with policy: NAME and rules:")
            return nil
        }
        let fields = known(pairs, PolicyFileReader.words, in: "a policy file", line: root.line)
        let name = fields["policy"].flatMap { readName($0) }
        if fields["policy"] == nil { findings.add(root.line, "the policy has no name", "write policy: NAME") }
        if fields["rules"] == nil { findings.add(root.line, "the policy has no rules", "write rules: and a list") }
        let description = fields["description"].flatMap {
            readProse($0, "description", most: PolicyFileReader.longestDescription, oneLine: false)
        }
        let rules = fields["rules"].map { readRules($0, policy: name?.text ?? "") } ?? []
        let users = fields["callers"].map { readCallers($0) } ?? []
        let tests = fields["tests"].map { readTests($0) } ?? []
        guard let name else { return nil }
        return PolicyFile(
            file: findings.file, name: name.text, nameLine: name.line, description: description, rules: rules,
            unixUsers: users, tests: tests)
    }

    private mutating func readName(_ node: YAMLNode) -> YAMLText? {
        guard let name = readText(node, "policy") else { return nil }
        guard Segment.isName(name) else {
            findings.add(
                node.line, "\(Findings.shown(name)) cannot be a policy's name",
                "use 1 to \(Segment.longestName) ASCII letters, digits, . _ and -, the first of them no dot")
            return nil
        }
        guard name.lowercased() != PolicyFile.administrator else {
            findings.add(node.line, "`administrator` is built in and no file may define it", "choose another name")
            return nil
        }
        return YAMLText(text: name, line: node.line)
    }

    private mutating func readCallers(_ node: YAMLNode) -> [String] {
        guard let pairs = readMapping(node, "callers", "write unix-users: and a list beneath it") else { return [] }
        let fields = known(pairs, ["unix-users"], in: "callers", line: node.line)
        guard let list = fields["unix-users"], let items = readList(list, "unix-users") else { return [] }
        var users: [String] = []
        for item in items {
            guard let user = readText(item, "a Unix user") else { continue }
            if let problem = PolicyFileReader.faultOfUser(user) {
                findings.add(item.line, "\(Findings.shown(user)) \(problem.0)", problem.1)
            } else if users.contains(user) {
                findings.add(item.line, "\(Findings.shown(user)) is listed twice", "keep one")
            } else {
                users.append(user)
            }
        }
        return users
    }

    private static func faultOfUser(_ user: String) -> (String, String)? {
        let bytes = Array(user.utf8)
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        if user == "nobody" {
            return ("is whom the kernel names for users that it does not know", "make a user for the application")
        }
        guard let first = bytes.first, bytes.count <= 32, bytes.allSatisfy(Segment.allows), first != Segment.dot,
            first != UInt8(ascii: "-")
        else { return ("cannot be a Unix user's name", "name one user of this host; patterns are not taken here") }
        if bytes.allSatisfy(digits.contains) { return ("is a number", "write the user's name") }
        return nil
    }
}
