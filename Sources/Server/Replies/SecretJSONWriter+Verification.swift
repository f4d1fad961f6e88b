internal import IssuedKeys
internal import Vault
internal import VaultAPI

extension SecretJSONWriter {
    /// What `VerifyReply` reads, its members in the order of their names. There is no secret in it: this is the writer of
    /// the calls that are made most.
    mutating func write(_ found: Verification) {
        let key = found.key
        beginObject()
        member("code")
        string(found.code.rawValue)
        if let key {
            member("environment")
            string(key.environment == .test ? KeyEnvironment.test.rawValue : KeyEnvironment.live.rawValue)
            if let expires = key.expires { moment("expires", expires) }
            member("id")
            string(key.id)
            member("issuer")
            string(key.issuer)
            write(found.windows, at: found.time)
            member("metadata")
            beginObject()
            for (key, value) in key.metadata.sorted(by: { $0.key < $1.key }) {
                name(key)
                string(value)
            }
            endObject()
            member("name")
            string(key.name)
            member("owner")
            string(key.owner)
        }
        if let quota = found.quota { write(quota, at: found.time) }
        if let remaining = found.remaining {
            member("remaining")
            integer(remaining)
        }
        if let seconds = found.retrySeconds {
            member("retry_after")
            integer(seconds)
        }
        if let key {
            member("scopes")
            beginArray()
            for scope in key.scopes { string(scope) }
            endArray()
            if let tier = key.tier {
                member("tier")
                string(tier)
            }
        }
        member("valid")
        bool(found.valid)
        if let key {
            member("visibility")
            string(
                key.visibility == .public ? VaultAPI.Visibility.public.rawValue : VaultAPI.Visibility.private.rawValue)
        }
        endObject()
    }

    private mutating func write(_ windows: [WindowStanding], at now: Int64) {
        member("limits")
        beginArray()
        for window in windows {
            beginObject()
            member("limit")
            string(window.limit.description)
            member("remaining")
            integer(window.remaining)
            moment("resets", now + window.reset)
            endObject()
        }
        endArray()
    }

    private mutating func write(_ standing: IssuedKeys.QuotaStanding, at now: Int64) {
        member("quota")
        beginObject()
        member("refill")
        string(VaultAPI.QuotaRefill(standing.quota.refill).rawValue)
        member("remaining")
        integer(standing.remaining)
        if let reset = standing.reset { moment("resets", now + reset) }
        member("used")
        integer(standing.used)
        member("uses")
        integer(standing.quota.uses)
        endObject()
    }

    private mutating func moment(_ name: StaticString, _ milliseconds: Int64) {
        member(name)
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
