internal import VaultAPI

/// What `keyturn versions --json` prints.
struct VersionList: Encodable {
    var path: String
    var versions: [KeyVersion]
}
