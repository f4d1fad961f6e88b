internal import Policy
internal import Vault
internal import VaultAPI

extension VaultAPI.KeyMetadata {
    init(_ key: EngineKeyMetadata, withVersions: Bool) {
        self.init(
            path: key.path.text, id: key.id, name: key.name, description: key.description, provider: key.provider,
            visibility: key.visibility == .public ? .public : .private, tags: key.tags, prefix: key.prefix,
            created: VaultAPI.Timestamp(milliseconds: key.created),
            updated: VaultAPI.Timestamp(milliseconds: key.updated), expires: .init(key.expires),
            deleted: .init(key.deleted), purgeAfter: .init(key.purgeAfter), lastUsed: .init(key.lastUsed),
            lastUsedBy: key.lastUsedBy, state: VaultAPI.KeyState(rawValue: key.state.rawValue) ?? .active,
            versionCount: key.versions.count, versions: withVersions ? key.versions.map { KeyVersion($0) } : nil,
            current: Int(key.current), previous: key.previous.map { Int($0) }, previousUntil: .init(key.previousUntil),
            rotation: key.rotation.map { KeyRotation($0) })
    }
}

extension KeyVersion {
    init(_ version: EngineKeyMetadata.Version) {
        self.init(
            version: Int(version.number), stage: version.stage.flatMap { VersionStage(rawValue: $0.rawValue) },
            created: VaultAPI.Timestamp(milliseconds: version.created), createdBy: version.createdBy,
            prefix: version.prefix, fields: version.fields)
    }
}

extension VaultAPI.Timestamp? {
    /// A moment that may be absent.
    init(_ milliseconds: EngineTimestamp?) { self = milliseconds.map { VaultAPI.Timestamp(milliseconds: $0) } }
}

extension EngineVisibility {
    init(_ visibility: VaultAPI.Visibility) { self = visibility == .public ? .public : .private }
}
