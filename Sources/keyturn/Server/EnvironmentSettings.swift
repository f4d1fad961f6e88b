/// Settings in the environment.
enum EnvironmentSettings {
    /// Variables of the same family that are not settings of a server.
    static let others: Set<String> = [
        "KEYTURN_ADDRESS", "KEYTURN_ACCESS_KEY", "KEYTURN_ACCESS_KEY_FILE", "KEYTURN_PASSPHRASE_FILE",
        "KEYTURN_CA_FILE", "KEYTURN_CONFIG", "KEYTURN_ENROLMENT_CODE",
    ]

    /// What was found, and warnings about variables that look like settings but are none.
    ///
    /// A variable that is nearly the name of a setting is a slip of the hand and refused. Others are only warned of,
    /// because scripts have variables of their own; those that Kubernetes makes for a service called `keyturn` are
    /// passed over.
    ///
    /// - Throws: a usage failure that names the variable.
    static func read(
        _ environment: [String: String]
    ) throws(Failure) -> (values: [ServerSetting: SettingValue], warnings: [String]) {
        var values: [ServerSetting: SettingValue] = [:]
        var warnings: [String] = []
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix("KEYTURN_") {
            if let setting = ServerSetting.allCases.first(where: { $0.variable == name }) {
                guard !text.isEmpty else { throw .usage("\(name) is set but empty; unset it or give it a value") }
                values[setting] = SettingValue(text: text, origin: name)
            } else if !others.contains(name), !isFromKubernetes(name) {
                let known = ServerSetting.allCases.map(\.variable) + others
                if let near = known.sorted().first(where: { NearName.isNear(name, $0) }) {
                    throw .usage("\(name) is no setting", hint: "did you mean \(near)?")
                }
                warnings.append("\(name) is no setting of the server and has no effect")
            }
        }
        return (values, warnings)
    }

    /// `KEYTURN_SERVICE_HOST`, `KEYTURN_PORT_8200_TCP_ADDR` and the like.
    private static func isFromKubernetes(_ name: String) -> Bool {
        name == "KEYTURN_PORT" || name.hasPrefix("KEYTURN_PORT_") || name.hasPrefix("KEYTURN_SERVICE_")
    }
}

/// Names that differ by a slip of the hand.
enum NearName {
    /// Whether at most two characters were left out, added or mistaken.
    static func isNear(_ a: String, _ b: String) -> Bool { distance(Array(a.utf8), Array(b.utf8)) <= 2 }

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
