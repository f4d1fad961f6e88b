internal import ArgumentParser
internal import VaultAPI

/// What is known about a key besides its secret.
struct MetadataOptions: ParsableArguments {
    @Option(help: "A name for people.")
    var name: String?

    @Option(help: "What it is for.")
    var description: String?

    @Option(help: "Whose API it belongs to, such as stripe.")
    var provider: String?

    @Option(help: "private or public.")
    var visibility: Visibility?

    @Option(name: .customLong("tag"), help: "A word to find it by. May be repeated.")
    var tags: [String] = []

    @Option(help: "When it stops being served: a time (2027-01-31T12:00:00Z), or how long from now (90d).")
    var expires: String?

    func expiry() throws(Failure) -> Timestamp? {
        guard let expires else { return nil }
        return try Expiry(expires, option: "--expires").moment(now: Surroundings.now)
    }
}

extension Visibility: ExpressibleByArgument {}
extension ServedStage: ExpressibleByArgument {}
extension KeyStateFilter: ExpressibleByArgument {}
extension IssuedKeyState: ExpressibleByArgument {}
