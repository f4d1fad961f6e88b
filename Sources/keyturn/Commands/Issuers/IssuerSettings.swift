internal import ArgumentParser

/// What an issuer is made with and can be changed in.
struct IssuerSettings: ParsableArguments {
    @Option(help: "What its keys are for.")
    var description: String?

    @Option(help: "How long its keys live unless said otherwise, such as 90d.")
    var lifetime: String?

    @Option(name: .customLong("scope"), help: "A scope that its keys can have. May be repeated.")
    var scopes: [String] = []

    @Option(
        name: .customLong("tier"),
        help: "A tier: NAME=LIMITS, such as free=10/s,1000/d,quota=20000/month. May be repeated.")
    var tiers: [String] = []
}
