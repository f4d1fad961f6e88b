internal import IssuedKeys
internal import Policy
internal import Sealing

/// What issuers and issued keys have to be. Each error names the member, and never repeats what was written.
enum IssuedKeyChecks {
    /// Whether `name` can be a policy's or an issuer's: one segment of a path, of at most 64 bytes.
    static func isName(_ name: String) -> Bool {
        name.utf8.count <= 64 && !name.utf8.contains(UInt8(ascii: "/")) && (try? ResourcePath(parsing: name)) != nil
    }

    // MARK: Issuers

    static func check(_ request: IssuerRequest) throws(VaultError) {
        guard isIssuerName(request.name) else {
            throw VaultError(
                .invalidField,
                "an issuer's name is 1 to 64 lower-case letters, digits, `.`, `_` and `-`, and starts with a letter or digit",
                field: "name")
        }
        guard IssuedKeyText.isPrefix(prefix(of: request)) else {
            throw VaultError(.invalidField, IssuedKeyText.prefixRule, field: "prefix")
        }
        try check(description: request.description, lifetime: request.lifetime, request.scopes, request.tiers)
    }

    static func check(_ change: IssuerChange) throws(VaultError) {
        try check(
            description: change.description ?? "", lifetime: change.lifetime ?? nil, change.scopes ?? [],
            change.tiers ?? [])
    }

    static func prefix(of request: IssuerRequest) -> String {
        request.prefix ?? String(request.name.map { $0 == "-" || $0 == "." ? "_" : $0 })
    }

    private static func isIssuerName(_ name: String) -> Bool {
        guard let first = name.utf8.first, isLetterOrDigit(first), name.utf8.count <= 64 else { return false }
        return name.utf8.allSatisfy { isLetterOrDigit($0) || [0x2D, 0x2E, 0x5F].contains($0) } && isName(name)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func check(
        description: String, lifetime: Int64?, _ scopes: [String], _ tiers: [IssuerTier]
    ) throws(VaultError) {
        try KeyChecks.check(description, "description", VaultLimits.descriptionCharacters, newlines: true)
        if let lifetime {
            guard lifetime > 0, lifetime <= Lifetime.latest else {
                throw VaultError(.invalidField, "a lifetime is longer than nothing", field: "lifetime")
            }
        }
        guard scopes.count <= VaultLimits.issuerScopes, scopes.allSatisfy(isScope), Set(scopes).count == scopes.count
        else {
            throw VaultError(
                .invalidField,
                "an issuer has at most \(VaultLimits.issuerScopes) scopes, each once: 1 to 64 letters, digits and `. _ - : * /`",
                field: "scopes")
        }
        guard tiers.count <= VaultLimits.issuerTiers, Set(tiers.map(\.name)).count == tiers.count,
            tiers.allSatisfy({ isIssuerName($0.name) })
        else {
            throw VaultError(
                .invalidField, "an issuer has at most \(VaultLimits.issuerTiers) tiers, each with a name of its own",
                field: "tiers")
        }
        for tier in tiers {
            try KeyChecks.check(tier.description, "tiers", VaultLimits.descriptionCharacters, newlines: true)
            _ = try limits(tier.limits, "tiers")
            try check(tier.quota, "tiers")
        }
    }

    private static func isScope(_ scope: String) -> Bool {
        (1...64).contains(scope.utf8.count)
            && scope.utf8.allSatisfy { byte in
                isLetterOrDigit(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                    || [0x2D, 0x2E, 0x5F, 0x3A, 0x2A, 0x2F].contains(byte)
            }
    }

    // MARK: Issued keys

    /// Everything of a request but its scopes, which are its issuer's to say.
    static func check(_ request: IssueRequest, now: Timestamp) throws(VaultError) {
        guard !request.name.isEmpty else {
            throw VaultError(.invalidField, "a key has a name, such as the application's", field: "name")
        }
        try KeyChecks.check(request.name, "name", VaultLimits.nameCharacters)
        try KeyChecks.check(request.owner, "owner", VaultLimits.nameCharacters)
        try KeyChecks.check(request.description, "description", VaultLimits.descriptionCharacters, newlines: true)
        if case .at(let end) = request.expires { try check(end: end, now: now) }
        if let networks = request.networks { try check(networks: networks) }
        if let limits = request.limits { _ = try self.limits(limits, "limits") }
        try check(request.quota, "quota")
        try check(metadata: request.metadata)
    }

    static func check(_ request: AccessKeyRequest, now: Timestamp) throws(VaultError) {
        try check(
            IssueRequest(
                name: request.name, description: request.description, owner: request.owner,
                expires: request.expires.map { .at($0) } ?? .never, networks: request.networks,
                limits: request.limits),
            now: now)
        guard !request.policies.isEmpty, request.policies.count <= VaultLimits.grants else {
            throw VaultError(
                .invalidField, "an access key has 1 to \(VaultLimits.grants) policies", field: "policies")
        }
    }

    /// The scopes of a new key: some of its issuer's, each once.
    static func check(scopes: [String], of issuer: StoredIssuer) throws(VaultError) {
        guard scopes.count <= VaultLimits.grants, Set(scopes).count == scopes.count,
            Set(scopes).isSubset(of: issuer.scopes)
        else {
            throw VaultError(
                .invalidField, "a key has at most \(VaultLimits.grants) of the scopes that its issuer has, each once",
                field: "scopes")
        }
    }

    /// How many characters are kept at most to recognise a key by that is brought in.
    static let mostOfStart = 12

    static func check(imported key: ImportedKey) throws(VaultError) {
        guard key.sha256.count == 32 else {
            throw VaultError(.invalidField, "a SHA-256 digest has 32 bytes", field: "sha256")
        }
        guard key.prefix.utf8.count <= mostOfStart, key.prefix.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw VaultError(
                .invalidField, "what a key is recognised by is at most 12 printable ASCII characters", field: "prefix")
        }
    }

    static func check(end: Timestamp, now: Timestamp) throws(VaultError) {
        do throws(LifetimeError) { try Lifetime.check(end: end, at: now) } catch {
            throw VaultError(.invalidField, "\(error)", field: "expires")
        }
    }

    static func limits(_ texts: [String], _ field: String) throws(VaultError) -> RateLimits {
        do throws(RateLimitError) { return try RateLimits(parsing: texts) } catch {
            throw VaultError(.invalidField, "\(error)", field: field)
        }
    }

    private static func check(networks: [String]) throws(VaultError) {
        do throws(NetworkListError) { _ = try NetworkList(parsing: networks) } catch {
            throw VaultError(.invalidField, "\(error)", field: "networks")
        }
    }

    private static func check(_ quota: Quota?, _ field: String) throws(VaultError) {
        guard quota?.isValid ?? true else {
            throw VaultError(.invalidField, "a quota is 1 to \(Quota.mostUses) uses", field: field)
        }
    }

    private static func check(metadata: [String: String]) throws(VaultError) {
        let bytes = metadata.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        guard metadata.count <= VaultLimits.metadataMembers, bytes <= VaultLimits.metadataBytes else {
            throw VaultError(
                .invalidField,
                "metadata has at most \(VaultLimits.metadataMembers) members and \(VaultLimits.metadataBytes) bytes",
                field: "metadata")
        }
        for (name, value) in metadata {
            guard (1...64).contains(name.utf8.count), isScope(name) else {
                throw VaultError(
                    .invalidField, "a member's name is 1 to 64 letters, digits and `. _ - : * /`", field: "metadata")
            }
            try KeyChecks.check(value, "metadata", VaultLimits.metadataCharacters)
        }
    }
}
