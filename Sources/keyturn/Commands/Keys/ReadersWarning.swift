internal import KeyturnClient
internal import VaultAPI

/// Says who will miss a key that is about to go.
enum ReadersWarning {
    /// How long ago a read still counts, in milliseconds: a day.
    private static let recent: Int64 = 86_400_000

    /// Those who read the key within the last day, as far as this caller may know it; whether the key is there is not
    /// told here.
    static func readers(of path: String, _ vault: KeyturnVault, now: Int64 = Surroundings.now) async -> [KeyUser] {
        var search = UsageSearch()
        search.key = path
        let reply = try? await vault.usage(search)
        return (reply?.readBy ?? []).filter { $0.last.milliseconds >= now - recent }
    }

    /// One line for each of them, on standard error.
    static func note(_ readers: [KeyUser], of path: String) {
        guard !readers.isEmpty else { return }
        Console.note("keyturn: \(Inert.line(path)) was read within the last day:")
        for reader in readers { Console.note("  " + line(reader)) }
    }

    static func line(_ reader: KeyUser) -> String {
        let name = reader.name.isEmpty ? "" : " (\(Inert.line(reader.name)))"
        return "\(Inert.line(reader.caller))\(name), last at \(reader.last)"
    }
}
