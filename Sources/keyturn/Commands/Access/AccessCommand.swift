internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn access`.
struct AccessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "access",
        abstract: "Manage the access keys that applications present.",
        discussion: """
            What an access key may do is fixed when it is made: a set of policies, until a time, from certain networks.

              keyturn access create shop --policy shop --expires 90d
              keyturn access list
              keyturn access roll 4fT0bX2kQ9aZ --overlap 24h
            """,
        subcommands: [
            AccessCreateCommand.self, AccessListCommand.self, AccessShowCommand.self, AccessRollCommand.self,
            AccessRevokeCommand.self, AccessDisableCommand.self, AccessEnableCommand.self,
        ])
}

/// An access key's record for people.
enum AccessKeyDetails {
    static func of(_ key: AccessKeyRecord) -> Details {
        var details = Details()
        details.add("id", key.id)
        details.add("name", key.name)
        details.add("description", key.description)
        details.add("owner", key.owner)
        details.add("state", key.state.rawValue)
        details.add("policies", key.policies.joined(separator: ", "))
        details.add("networks", key.networks.joined(separator: ", "))
        details.add("starts with", key.prefix)
        details.add("created", "\(key.created) by \(key.createdBy)")
        details.add("expires", key.expires?.description)
        details.add("revoked", key.revoked?.description)
        details.add("honoured until", key.honouredUntil?.description)
        details.add("successor", key.successor)
        details.add("predecessor", key.predecessor)
        details.add("last used", key.lastUsed.map { "\($0)\(key.lastUsedFrom.map { " from \($0)" } ?? "")" })
        return details
    }

    /// Prints a key that was just made: the key alone on standard output.
    static func show(_ new: NewAccessKey, json: Bool) throws(Failure) {
        if json { return try Console.json(new) }
        let end = new.record.expires.map { ", until \($0)" } ?? ""
        Console.note("id \(new.record.id), \(new.record.policies.joined(separator: ", "))\(end); not shown again")
        try ValueOutput.line(new.key)
    }
}
