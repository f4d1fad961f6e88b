internal import Audit
internal import Glibc
internal import IssuedKeys
internal import Policy
internal import Sealing
internal import SecretMemory

/// Single steps of a request.
enum Parts {
    /// An API key's own key, and a version of it: what a retrieval opens.
    static func openRecord() throws -> () throws -> Void {
        let random = SystemRandom()
        let keyring = try Keyring.generate(vault: VaultID(Bytes16(from: random)), random: random, now: 0)
        let place = KeyPlace(KeyID(Bytes16(from: random)), path: "shop/payments/stripe")
        let own = OwnKey.generate(for: keyring, random: random)
        let wrapped = keyring.sealOwnKey(own, of: place, generation: 1, random: random)
        let content = try VersionContent([("value", WipedBytes(utf8: "sk_live_" + String(repeating: "7", count: 39)))])
        let version = own.sealVersion(content, number: 1, of: place, generation: 1, random: random)
        return {
            let opened = try keyring.openOwnKey(wrapped, of: place).openVersion(version, number: 1, of: place)
            guard opened.count(of: "value") == 47 else { throw Micro.Wrong() }
        }
    }

    /// One caller of a thousand rules, one after the other: four keys in five are allowed.
    static func decide() throws -> () throws -> Void {
        let rules = (0..<1_000).map { "  - allow: [retrieve]\n    keys: [\"team-\($0)/**\", \"*/shared-\($0)/x*\"]\n" }
        let policies = try PolicySet.load(files: [(name: "p.yaml", text: "policy: p\nrules:\n" + rules.joined())])
        let targets = try (0..<1_250).map {
            PolicyTarget.key(try ResourcePath(parsing: "team-\($0)/payments/stripe"))
        }
        var number = 0
        return {
            number = (number + 7) % targets.count
            guard policies.decide(["p"], .retrieve, targets[number]).allowed == (number < 1_000) else {
                throw Micro.Wrong()
            }
        }
    }

    static func parseKey() throws -> () throws -> Void {
        let (id, text) = try IssuedKeyText.mint(prefix: "shop_live", random: SystemRandom())
        return {
            guard try IssuedKeyText.parse(text).id == id else { throw Micro.Wrong() }
        }
    }

    /// 32 entries that came together, as from one turn of an event loop, through the log's own threads into a file beneath
    /// the working directory.
    static func appendEntry() throws -> () throws -> Void {
        // Under valgrind everything takes its time.
        var settings = AuditSettings()
        settings.patience = 120_000
        settings.syncInterval = 60_000
        let sink = try FileAuditSink(folder: "log-\(getpid())", settings: settings)
        let entry = AuditEntry(
            time: 1_780_000_000_000, outcome: .allowed, action: "retrieve",
            caller: .accessKey(id: "abcdefghijkl", name: "payments"), address: "10.0.0.7", key: "shop/payments/stripe",
            version: 3, duration: 41, route: AuditRoute(ofTable: "GET /v1/values/{path}"))
        return {
            // An entry is written as soon as it is made one of several.
            let together = (0..<32).map { _ in AuditSubmission(entry: entry) }
            for result in sink.append(together) { _ = try result.get() }
        }
    }
}
