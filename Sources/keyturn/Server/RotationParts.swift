internal import Notices
internal import Outbound
internal import Policy
internal import Rotation
internal import Rotators
internal import Synchronization
internal import Vault

/// What a server rotates with, and whom it tells: the only place that knows which rotators there are.
struct RotationParts: Sendable {
    let kinds: [any RotatorKind]
    let issuers: VaultIssuerDesk
    let notices: NoticeDesk
    private let http: HTTPRotatorKind
    private let settings: ServerSettings
    private let vault: VaultReference

    /// - Throws: a usage failure where a provider file, a program or the file of receivers is wrong.
    init(_ settings: ServerSettings) throws(Failure) {
        self.settings = settings
        http = HTTPRotatorKind(try Self.providers(settings))
        issuers = VaultIssuerDesk()
        kinds = [
            GenerateRotatorKind(), IssuerRotatorKind(desk: issuers), http, PostgresRotatorKind(), AWSRotatorKind(),
            CommandRotatorKind(try Self.programs(settings)), ManualRotatorKind(),
        ]
        let vault = VaultReference()
        self.vault = vault
        let receivers = try settings.notices.map { (path) throws(Failure) in
            try NoticeFile.read(path) { vault.value?.noticeSecret($0) }
        }
        notices = NoticeDesk(
            receivers ?? [], now: WallClock.milliseconds, told: { vault.value?.noted($0, $1) })
    }

    /// Gives what was made before the vault the vault.
    func serve(_ vault: Vault) { self.vault.set(vault) }

    /// Reads the provider files again; what fails leaves those from before in force.
    func reloadProviders() throws(Failure) { http.replace(try Self.providers(settings)) }

    private static func providers(_ settings: ServerSettings) throws(Failure) -> ProviderSet {
        guard settings.providersWereNamed || Surroundings.exists(settings.providers) else {
            return try provided([])
        }
        let files: [(name: String, text: String)]
        do throws(PolicyFolderError) {
            files = try PolicyFolder.read(settings.providers)
        } catch {
            throw .usage("the provider files in \(settings.providers): \(error)")
        }
        return try provided(files)
    }

    private static func provided(_ files: [(name: String, text: String)]) throws(Failure) -> ProviderSet {
        do throws(ProviderFileError) { return try ProviderSet(files: files) } catch { throw .usage("\(error)") }
    }

    private static func programs(_ settings: ServerSettings) throws(Failure) -> [String: OwnedProgram] {
        var programs: [String: OwnedProgram] = [:]
        for (name, path) in settings.rotatorCommands.sorted(by: { $0.key < $1.key }) {
            do throws(OwnedProgram.Problem) { programs[name] = try OwnedProgram(path) } catch {
                throw .usage("rotator_commands: \(name): \(error)")
            }
        }
        return programs
    }
}

/// The vault, once there is one.
private final class VaultReference: Sendable {
    private struct Weak: Sendable { weak var vault: Vault? }
    private let reference = Mutex(Weak())

    var value: Vault? { reference.withLock { $0.vault } }
    func set(_ vault: Vault) { reference.withLock { $0.vault = vault } }
}
