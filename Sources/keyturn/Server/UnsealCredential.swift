internal import Glibc
internal import IssuedKeys
internal import Logging
internal import SecretMemory
internal import Vault

/// The passphrase that a service manager hands over as a credential, so that the vault opens without anybody there. Off
/// unless `--unseal-credential` names it: whoever controls the machine can then read every key.
struct UnsealCredential: Sendable {
    /// The file's name, without a folder.
    let name: String
    private let path: String
    private let slot: Int?

    /// - Throws: a usage failure where there is no such credential.
    init(_ settings: ServerSettings.Unattended, environment: [String: String]) throws(Failure) {
        name = settings.credential
        slot = settings.slot
        guard let folder = environment["CREDENTIALS_DIRECTORY"], folder.hasPrefix("/") else {
            throw .usage(
                "--unseal-credential: the service manager handed no credentials over (CREDENTIALS_DIRECTORY is not set)",
                hint: "give the unit LoadCredentialEncrypted=\(name):/etc/keyturn/\(name)")
        }
        path = folder + "/" + name
        guard unsafe access(path, R_OK) == 0 else {
            throw .usage("--unseal-credential: there is no credential of that name that could be read")
        }
    }

    /// Opens the vault, where there is one that is sealed. What fails is logged, and the vault stays sealed.
    func open(_ vault: Vault, _ logger: Logger) async {
        guard vault.status().state == .sealed else { return }
        do {
            let contents = try SecretFile.read(path, named: "--unseal-credential", limit: Passphrase.limit)
            let secret = try contents.withBytes { (span) throws(SecretMemoryError) in try SecretBytes(copying: span) }
            let server = Requester(
                credential: .unixUser(id: geteuid(), name: nil), door: .operatorSocket, route: "unseal credential")
            let report = try await vault.unseal(server, passphrase: secret, slot: slot, acceptDamage: false)
            logger.notice("unsealed from a credential", metadata: ["keys": "\(report.keys)"])
        } catch let error as VaultError {
            logger.error("NOT unsealed from the credential", metadata: ["code": "\(error.code.rawValue)"])
        } catch {
            logger.error("NOT unsealed: the credential could not be read")
        }
    }
}
