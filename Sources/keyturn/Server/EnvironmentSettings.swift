/// Settings in the environment.
enum EnvironmentSettings {
    /// Variables of the same family that are not settings of a server.
    static let others: Set<String> = [
        "KEYTURN_ADDRESS", "KEYTURN_ACCESS_KEY", "KEYTURN_ACCESS_KEY_FILE", "KEYTURN_PASSPHRASE_FILE",
        "KEYTURN_CA_FILE", "KEYTURN_CONFIG", "KEYTURN_ENROLMENT_CODE", "KEYTURN_FILES",
    ]

    /// What was found.
    ///
    /// A variable of the family that nobody knows may be a setting that was misspelt, and stops the start. Those of other
    /// commands are passed over, and those that Kubernetes makes for services that are called `keyturn` or `keyturn-…`.
    ///
    /// - Throws: a usage failure that names the variable, and the known one that is nearest.
    static func read(_ environment: [String: String]) throws(Failure) -> [ServerSetting: SettingValue] {
        var values: [ServerSetting: SettingValue] = [:]
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix("KEYTURN_") {
            if let setting = ServerSetting.allCases.first(where: { $0.variable == name }) {
                guard !text.isEmpty else { throw .usage("\(name) is set but empty; unset it or give it a value") }
                values[setting] = SettingValue(text: text, origin: name)
            } else if !others.contains(name), !isForTests(name), !isFromKubernetes(name, text) {
                throw unknown(name)
            }
        }
        return values
    }

    private static func unknown(_ name: String) -> Failure {
        let known = ServerSetting.allCases.map(\.variable) + others
        guard let near = NearName.nearest(to: name, among: known) else {
            return .usage(
                "\(name) is no setting",
                hint: "unset it, or call it otherwise: names that begin with KEYTURN_ are settings; "
                    + "`keyturn server --help` lists them")
        }
        return .usage("\(name) is no setting", hint: "did you mean \(near)?")
    }

    /// What the scripts that build and test Keyturn hand to each other.
    private static func isForTests(_ name: String) -> Bool {
        ["KEYTURN_BUILD", "KEYTURN_BENCH_BUILD"].contains(name)
            || ["KEYTURN_TEST_", "KEYTURN_FAULT_", "KEYTURN_SIMULATION_"].contains { name.hasPrefix($0) }
    }

    /// `KEYTURN_SERVICE_HOST`, `KEYTURN_PORT_8200_TCP_ADDR`, `KEYTURN_METRICS_PORT` with `tcp://10.0.0.1:8200` and the like.
    private static func isFromKubernetes(_ name: String, _ text: String) -> Bool {
        if name.hasSuffix("_SERVICE_HOST") || name.hasSuffix("_SERVICE_PORT") || name.contains("_SERVICE_PORT_") {
            return true
        }
        let ends = ["_TCP", "_UDP", "_SCTP"].flatMap { end in ["", "_PROTO", "_PORT", "_ADDR"].map { end + $0 } }
        if name.contains("_PORT_"), ends.contains(where: { name.hasSuffix($0) }) { return true }
        return name.hasSuffix("_PORT") && text.contains("://")
    }
}

/// Names that differ by a slip of the hand.
enum NearName {
    /// The one of `known` that is nearest to a name, in any case of its letters: at most three characters were left out,
    /// added or mistaken, and fewer than there are, or the end is not there.
    static func nearest(to name: String, among known: [String]) -> String? {
        let name = name.uppercased()
        guard name.utf8.count <= 64, !name.isEmpty, !name.hasSuffix("_") else { return nil }
        let all = known.sorted().map { (name: $0, distance: distance(Array(name.utf8), Array($0.uppercased().utf8))) }
        guard let nearest = all.min(by: { $0.distance < $1.distance }) else { return nil }
        if nearest.distance <= min(2, name.utf8.count / 2) { return nearest.name }
        if let longer = all.first(where: { $0.name.uppercased().hasPrefix(name) }) { return longer.name }
        return nearest.distance <= min(3, name.utf8.count / 2) ? nearest.name : nil
    }

    /// The number of single changes that lead from one to the other (Levenshtein).
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let next = min(row[j + 1] + 1, row[j] + 1, diagonal + (x == y ? 0 : 1))
                diagonal = row[j + 1]
                row[j + 1] = next
            }
        }
        return row[b.count]
    }
}
