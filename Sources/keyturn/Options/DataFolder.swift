/// Where a vault keeps its data when nobody says where.
struct DataFolder: Equatable {
    var path: String
    /// Whether `--data` or `KEYTURN_DATA` named it.
    var wasNamed: Bool

    /// The operator's socket, which is always on while a server runs.
    var socket: String { path + (path.hasSuffix("/") ? "" : "/") + "keyturn.sock" }

    /// - Parameters:
    ///   - option: what `--data` says.
    ///   - environment: `KEYTURN_DATA` is next; then `/var/lib/keyturn` for root where it is there; then
    ///     `$XDG_DATA_HOME/keyturn` or `$HOME/.local/share/keyturn`.
    /// - Throws: a usage failure where the variable is empty, or where nothing says where the home is.
    static func choose(
        option: String?, environment: [String: String], isRoot: Bool, exists: (String) -> Bool
    ) throws(Failure) -> DataFolder {
        if let named = option ?? environment["KEYTURN_DATA"] {
            guard !named.isEmpty else { throw .usage("\(option == nil ? "KEYTURN_DATA" : "--data"): names no folder") }
            return DataFolder(path: named, wasNamed: true)
        }
        let system = "/var/lib/keyturn"
        if isRoot, exists(system) { return DataFolder(path: system, wasNamed: false) }
        if let share = environment["XDG_DATA_HOME"], share.hasPrefix("/") {
            return DataFolder(path: share + "/keyturn", wasNamed: false)
        }
        guard let home = environment["HOME"], home.hasPrefix("/") else {
            throw .usage("no data folder is named, and there is no home to look in", hint: "name one with --data")
        }
        return DataFolder(path: home + "/.local/share/keyturn", wasNamed: false)
    }
}
