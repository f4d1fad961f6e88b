internal import IssuedKeys
internal import Policy
internal import Rotation
internal import Sealing

/// Who wrote a key's rotation settings, and in whose name each run is authorised.
struct RotationAuthor: Sendable, Equatable {
    /// `access-key:<id>`, `unix-user:<number>` or `operator:<number>`.
    var reference: String
    /// The Unix user's name, by which policies know it; empty for an access key.
    var name: String

    init(_ caller: Caller) {
        reference = caller.reference
        name = caller.kind == .accessKey ? "" : caller.name
    }

    init(_ stored: StoredRotation) {
        reference = stored.author
        name = stored.authorName
    }

    /// The policies that it holds now; nil where it is nobody any more.
    ///
    /// An access key's authority is that of the last of its line: who rolls a key goes on, who revokes it or lets it
    /// expire does not.
    func policies(_ set: PolicySet, at now: Timestamp, issued: (String) -> IssuedEntry?) -> [String]? {
        guard reference.hasPrefix("access-key:") else { return set.policies(forUnixUser: name) }
        guard var entry = issued(String(reference.dropFirst("access-key:".count))),
            entry.stored.issuer == AccessKeys.issuer
        else { return nil }
        var steps = 0
        while !entry.stored.successor.isEmpty, steps < 1_000, let next = issued(entry.stored.successor) {
            entry = next
            steps += 1
        }
        return entry.state(at: now) == .active ? entry.stored.scopes : nil
    }
}

extension RotatorReach {
    /// What the policies are asked of it.
    var demands: [(action: Action, target: PolicyTarget)] {
        var demands: [(Action, PolicyTarget)] = hosts.map { (.rotate, .host($0)) }
        for issuer in issuers {
            demands.append((.issue, .issuer(issuer)))
            demands.append((.revoke, .issuer(issuer)))
        }
        for key in keys {
            // A path that is none is reached by nobody.
            guard let path = try? ResourcePath(parsing: key) else {
                demands.append((.retrieve, .issuer("")))
                continue
            }
            demands.append((.retrieve, .key(path)))
        }
        return demands
    }

    /// Whether somebody who holds these policies may reach all of it.
    func isPermitted(_ policies: [String], _ set: PolicySet) -> Bool {
        demands.allSatisfy { set.decide(policies, $0.action, $0.target).allowed }
    }
}
