import Audit
import IssuedKeys
import Policy
import SecretMemory
import Sealing
import Storage
import StorageConformance

@testable import Vault

/// A real vault over a store in memory, with a clock, an audit log and policy files that the test sets.
struct TestVault: Sendable {
    let vault: Vault
    let store: FaultInjectingStore
    let log: TestLog
    let clock: TestClock
    let files: TestFiles
    let rotations: TestRotations
    /// The first access key; what it reads before initialisation is no key.
    var administratorText = WipedBytes(utf8: "none")
    var recoveryCode = WipedBytes(utf8: "none")

    static let passphrase = "correct horse battery staple"
    static let token = "one-time-token"

    /// A vault as it stands in `store`, not opened.
    init(
        _ store: any RecordStore = MemoryStore(), log: TestLog = TestLog(), clock: TestClock = TestClock(),
        files: TestFiles = TestFiles(), snapshots: Bool = false, sealPatience: Int = 300_000,
        rotations: TestRotations = TestRotations()
    ) throws {
        self.rotations = rotations
        let faulty = store as? FaultInjectingStore ?? FaultInjectingStore(store, keepsSnapshots: snapshots)
        self.store = faulty
        self.log = log
        self.clock = clock
        self.files = files
        var environment = VaultEnvironment(
            store: faulty, audit: log, now: { clock.now },
            policyFiles: { () throws(VaultError) in try files.read() }, costLimits: Self.limits,
            defaultCosts: Self.costs, initializationToken: WipedBytes(utf8: Self.token))
        environment.auditLog = log
        // Five minutes unless said: a machine under load is no failure.
        environment.sealPatience = sealPatience
        environment.steady = { clock.now }
        environment.rotatorKinds = rotations.kinds
        environment.notices = { rotations.notices.add($0) }
        environment.pause = { _ in await rotations.patience.wait() }
        environment.issuerDesk = rotations.desk
        vault = try Vault(environment)
    }

    /// A vault that has just been made and is unsealed.
    static func open(
        _ store: any RecordStore = MemoryStore(), files: TestFiles = TestFiles(), snapshots: Bool = false,
        sealPatience: Int = 300_000, rotations: TestRotations = TestRotations()
    ) async throws -> TestVault {
        var made = try TestVault(
            store, files: files, snapshots: snapshots, sealPatience: sealPatience, rotations: rotations)
        let result = try await made.vault.initialize(
            .operatorAlone, passphrase: secret(passphrase), token: nil, acceptRecoveryCode: true,
            costs: RequestedCosts())
        guard case .done(let code, let key) = result else { throw Unexpected("not initialised") }
        made.recoveryCode = code
        made.administratorText = key
        made.log.forget()
        return made
    }

    /// What another process would find: the same store, or another one, sealed.
    func restarted(_ store: (any RecordStore)? = nil, log other: TestLog? = nil) throws -> TestVault {
        self.store.reopen()
        var next = try TestVault(
            store ?? self.store, log: other ?? log, clock: clock, files: files, rotations: rotations)
        next.administratorText = administratorText
        next.recoveryCode = recoveryCode
        return next
    }

    /// The log as a crash left it together with `store`: without what was written after the commit that came next.
    func log(asOf store: any RecordStore) throws -> TestLog {
        guard let bytes = try store.read(RecordKey(.vaultHead, .only)) else { return log.copy() }
        let generation = try SealedRecord(decoding: bytes, kind: .vaultHead).mark.generation
        return log.copy { $0.generation ?? 0 <= generation + 1 }
    }

    /// Restarted and unsealed.
    func reopened(
        _ store: (any RecordStore)? = nil, log other: TestLog? = nil, passphrase: String = passphrase
    ) async throws -> TestVault {
        let next = try restarted(store, log: other)
        _ = try await next.unseal(passphrase)
        return next
    }

    /// What a kill at this moment leaves, restarted and unsealed: the store as of its last commit, and the log that goes
    /// with it. Others may go on meanwhile.
    func killed() async throws -> TestVault {
        let left = store.crashed(after: store.snapshots.count - 1)
        return try await reopened(left, log: try log(asOf: left))
    }

    /// The least that libargon2 takes: costs that only a test can reach.
    static let costs = DerivationCosts(memoryKiB: 8, iterations: 1, parallelism: 1)
    static let limits = CostLimits(memoryKiB: 8...64, iterations: 1...2, parallelism: 1...2)
}

/// Who asks.
extension TestVault {
    var administrator: Requester { .key(administratorText) }

    /// A new access key with these policies, as its holder.
    func caller(_ policies: String..., expires: Timestamp? = nil, networks: [String]? = nil) async throws -> Requester {
        .key(try await mint(policies, expires: expires, networks: networks).text)
    }

    func mint(
        _ policies: [String], name: String = "application", expires: Timestamp? = nil, networks: [String]? = nil,
        as requester: Requester? = nil
    ) async throws -> MintedAccessKey {
        try await vault.issue(
            requester ?? administrator,
            AccessKeyRequest(name: name, policies: policies, expires: expires, networks: networks))
    }
}

extension Requester {
    /// Somebody on the network with nothing in hand.
    static let stranger = Requester(credential: .none, door: .network, address: .test, route: "GET /test")

    /// The owner of the data folder, at the operator's socket.
    static let operatorAlone = Requester(
        credential: .unixUser(id: 0, name: "root"), door: .operatorSocket, route: "POST /operator")

    static func key(_ text: WipedBytes, from address: IPAddress? = .test, door: Door = .network) -> Requester {
        Requester(credential: .accessKey(text), door: door, address: address, route: "GET /test")
    }

    static func key(_ text: String) -> Requester { key(WipedBytes(utf8: text)) }

    static func unixUser(_ name: String?, id: UInt32 = 1000) -> Requester {
        Requester(credential: .unixUser(id: id, name: name), door: .socket, route: "GET /test")
    }
}

extension IPAddress {
    static let test = try? IPAddress(parsing: "192.0.2.7")
}

/// What is done most.
extension TestVault {
    @discardableResult
    func put(
        _ path: String, _ value: String = "value", metadata: MetadataChange = MetadataChange(), overlap: Int64? = nil,
        if precondition: Precondition = .none, as requester: Requester? = nil
    ) async throws -> KeyMetadata {
        try await put(
            path, fields: ["value": value], metadata: metadata, overlap: overlap, if: precondition, as: requester)
    }

    @discardableResult
    func put(
        _ path: String, fields: [String: String], metadata: MetadataChange = MetadataChange(), overlap: Int64? = nil,
        if precondition: Precondition = .none, as requester: Requester? = nil
    ) async throws -> KeyMetadata {
        let write = KeyWrite(
            path: try ResourcePath(parsing: path), fields: fields.map { SecretField($0.key, $0.value) },
            metadata: metadata, overlap: overlap, precondition: precondition)
        return try await vault.put(requester ?? administrator, write).metadata
    }

    /// The text of one field.
    func get(
        _ path: String, _ version: VersionChoice = .current, field: String = "value", as requester: Requester? = nil
    ) throws -> String {
        let query = ValueQuery(path: try ResourcePath(parsing: path), version: version, field: field)
        guard case .values(let values) = try vault.retrieve(requester ?? administrator, query) else {
            throw Unexpected("unchanged")
        }
        return values.fields.first?.value.disclosedText() ?? ""
    }

    func inspect(_ path: String, as requester: Requester? = nil) throws -> KeyMetadata {
        try vault.inspect(requester ?? administrator, try ResourcePath(parsing: path))
    }

    func list(_ query: KeyQuery = KeyQuery(), as requester: Requester? = nil) throws -> [String] {
        try vault.list(requester ?? administrator, query).items.map(\.path.text)
    }

    @discardableResult
    func unseal(
        _ passphrase: String = passphrase, slot: Int? = nil, acceptDamage: Bool = false, acceptLog: Bool = false,
        as requester: Requester = .operatorAlone
    ) async throws -> UnsealReport {
        try await vault.unseal(
            requester, passphrase: secret(passphrase), slot: slot, acceptDamage: acceptDamage,
            acceptLog: acceptLog)
    }

    func seal() async throws { try await vault.seal(.operatorAlone) }

    /// Leave to change the seal, for a passphrase.
    func leave(_ passphrase: String = passphrase, slot: Int? = nil) async throws -> WipedBytes {
        try await vault.authorizeSealing(administrator, passphrase: secret(passphrase), slot: slot).token
    }

    @discardableResult
    func addSlot(_ number: Int, _ passphrase: String, replace: Bool = false) async throws -> SlotDescription {
        try await vault.putSlot(
            administrator, number: number, passphrase: secret(passphrase), replace: replace,
            authorization: try await leave())
    }
}
