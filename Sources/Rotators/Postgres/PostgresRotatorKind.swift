internal import Outbound
package import Rotation
package import SecretMemory

/// The rotator `postgres`: passwords of roles in a PostgreSQL server.
package struct PostgresRotatorKind: RotatorKind {
    package let name = "postgres"
    private let random: any RandomSource

    private static let words = [
        "host", "port", "database", "tls", "authorities", "role", "roles", "credential", "timeout",
    ]
    private static let modes = ["verify-full", "verify-ca", "require", "disable"]

    package init(random: any RandomSource = SystemRandom()) { self.random = random }

    package func rotator(_ settings: [String: String]) throws(RotatorSettingsError) -> any Rotator {
        for name in settings.keys.sorted() where !Self.words.contains(name) {
            throw RotatorSettingsError(name, "no such setting; known: \(Self.words.joined(separator: ", "))")
        }
        for (name, text) in settings.sorted(by: { $0.key < $1.key }) {
            guard !text.isEmpty, text.utf8.count <= 512, !text.utf8.contains(0) else {
                throw RotatorSettingsError(name, "it has 1 to 512 bytes, none of them 0")
            }
        }
        guard let host = settings["host"] else {
            throw RotatorSettingsError("host", "a name, an address, or the folder of a socket")
        }
        // A list would let libpq try servers in turn, and a space or comma is in no name.
        guard !host.contains(where: { $0 == "," || $0 == " " }) else {
            throw RotatorSettingsError("host", "one host, without spaces")
        }
        let isHere = host.hasPrefix("/") || ["localhost", "127.0.0.1", "::1"].contains(host)
        let tls = settings["tls"] ?? (isHere ? "disable" : "verify-full")
        guard Self.modes.contains(tls) else {
            throw RotatorSettingsError("tls", "one of \(Self.modes.joined(separator: ", "))")
        }
        guard isHere || tls != "disable" else {
            throw RotatorSettingsError("tls", "disable is for sockets and loopback; another host needs TLS")
        }
        let authorities = settings["authorities"]
        guard authorities.map({ $0.hasPrefix("/") }) ?? true else {
            throw RotatorSettingsError("authorities", "the absolute path of a PEM file")
        }
        let roles: [String]
        switch (settings["role"], settings["roles"]) {
        case (let role?, nil): roles = [role]
        case (nil, let both?): roles = both.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        default: throw RotatorSettingsError("role", "give role, or roles with a comma between two")
        }
        guard roles.count <= 2, Set(roles).count == roles.count,
            roles.allSatisfy({ (1...63).contains($0.utf8.count) })
        else { throw RotatorSettingsError("roles", "two different roles of 1 to 63 bytes each") }
        guard roles.count == 1 || settings["credential"] != nil else {
            throw RotatorSettingsError("credential", "two roles need the path of a key that may alter them")
        }
        return PostgresRotator(
            server: PostgresServer(
                host: host, port: try Self.number("port", settings, 5_432, 1...65_535),
                database: settings["database"] ?? "postgres", tls: tls, authorities: authorities),
            roles: roles, credential: settings["credential"],
            milliseconds: Int64(try Self.number("timeout", settings, 15, 1...120)) * 1_000, random: random)
    }

    private static func number(
        _ name: String, _ settings: [String: String], _ preset: Int, _ range: ClosedRange<Int>
    ) throws(RotatorSettingsError) -> Int {
        guard let text = settings[name] else { return preset }
        guard text.utf8.count <= 6, text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text),
            range.contains(number)
        else { throw RotatorSettingsError(name, "a number from \(range.lowerBound) to \(range.upperBound)") }
        return number
    }
}
