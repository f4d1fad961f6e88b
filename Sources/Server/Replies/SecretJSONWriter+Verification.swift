internal import IssuedKeys
internal import Vault
internal import VaultAPI

extension SecretJSONWriter {
    /// What `VerifyReply` reads, its members in the order of their names. There is no secret in it: this is the writer of
    /// the calls that are made most.
    mutating func write(_ found: Verification) {
        let key = found.key
        beginObject()
        name("code")
        string(found.code.rawValue)
        if let key {
            name("environment")
            string(key.environment == .test ? KeyEnvironment.test.rawValue : KeyEnvironment.live.rawValue)
            if let expires = key.expires { moment("expires", expires) }
            name("id")
            string(key.id)
            name("issuer")
            string(key.issuer)
            write(found.windows, at: found.time)
            name("metadata")
            beginObject()
            for (key, value) in key.metadata.sorted(by: { $0.key < $1.key }) {
                name(key)
                string(value)
            }
            endObject()
            name("name")
            string(key.name)
            name("owner")
            string(key.owner)
        }
        if let quota = found.quota { write(quota, at: found.time) }
        if let remaining = found.remaining {
            name("remaining")
            integer(remaining)
        }
        if let seconds = found.retrySeconds {
            name("retry_after")
            integer(seconds)
        }
        if let key {
            name("scopes")
            beginArray()
            for scope in key.scopes { string(scope) }
            endArray()
            if let tier = key.tier {
                name("tier")
                string(tier)
            }
        }
        name("valid")
        bool(found.valid)
        if let key {
            name("visibility")
            string(
                key.visibility == .public ? VaultAPI.Visibility.public.rawValue : VaultAPI.Visibility.private.rawValue)
        }
        endObject()
    }

    private mutating func write(_ windows: [WindowStanding], at now: Int64) {
        name("limits")
        beginArray()
        for window in windows {
            beginObject()
            name("limit")
            string(window.limit.description)
            name("remaining")
            integer(window.remaining)
            moment("resets", now + window.reset)
            endObject()
        }
        endArray()
    }

    private mutating func write(_ standing: IssuedKeys.QuotaStanding, at now: Int64) {
        name("quota")
        beginObject()
        name("refill")
        string(VaultAPI.QuotaRefill(standing.quota.refill).rawValue)
        name("remaining")
        integer(standing.remaining)
        if let reset = standing.reset { moment("resets", now + reset) }
        name("used")
        integer(standing.used)
        name("uses")
        integer(standing.quota.uses)
        endObject()
    }

    private mutating func moment(_ member: String, _ milliseconds: Int64) {
        name(member)
        string(VaultAPI.Timestamp(milliseconds: milliseconds).description)
    }
}

extension Verification {
    /// Enough for ``SecretJSONWriter/write(_:)``, unless texts are full of what has to be escaped.
    var jsonCapacity: Int {
        guard let key else { return 64 }
        let texts = key.name.utf8.count + key.owner.utf8.count + key.scopes.reduce(0) { $0 + $1.utf8.count + 3 }
        return 512 + texts + windows.count * 96
            + key.metadata.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count + 6 }
    }
}
