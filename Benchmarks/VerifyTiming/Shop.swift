internal import Audit
internal import Glibc
internal import IssuedKeys
internal import Sealing
internal import SecretMemory
internal import Storage
internal import Vault

/// A vault in memory with an issuer of some keys, and somebody who may verify them.
struct Shop {
    let vault: Vault
    let gateway: Requester
    /// Their texts.
    private(set) var keys: [WipedBytes] = []

    init(keys count: Int) async throws {
        let policy = """
            policy: gateway
            rules:
              - allow: [verify]
                issuers: [shop]
            """
        var environment = VaultEnvironment(
            store: MemoryStore(), audit: NoLog(), now: Self.now,
            policyFiles: { [(name: "gateway.yaml", text: policy)] },
            costLimits: CostLimits(memoryKiB: 8...64, iterations: 1...2, parallelism: 1...2),
            defaultCosts: DerivationCosts(memoryKiB: 8, iterations: 1, parallelism: 1))
        environment.steady = Self.now
        vault = try Vault(environment)
        let passphrase = unsafe try SecretBytes(copying: Array("a passphrase of no account".utf8).span.bytes)
        let made = try await vault.initialize(
            Requester(credential: .unixUser(id: 0, name: "root"), door: .operatorSocket, route: "-"),
            passphrase: passphrase, token: nil, acceptRecoveryCode: true, costs: RequestedCosts())
        guard case .done(_, let text) = made else { throw NotMade() }
        func holder(_ text: WipedBytes) -> Requester {
            Requester(credential: .accessKey(text), door: .socket, route: "-")
        }
        let administrator = holder(text)
        gateway = holder(
            try await vault.issue(administrator, AccessKeyRequest(name: "gateway", policies: ["gateway"])).text)
        _ = try await vault.createIssuer(administrator, IssuerRequest(name: "shop"))
        for number in 0..<count {
            let key = try await vault.issue(administrator, from: "shop", IssueRequest(name: "key \(number)"))
            keys.append(key.text)
        }
    }

    private struct NotMade: Error {}

    /// A key with the id of another, a secret of its own and the right checksum.
    func forged(_ key: WipedBytes) throws -> WipedBytes {
        let id = try IssuedKeyText.parse(key).id
        return try IssuedKeyText.mint(prefix: "shop", random: Fixed(Array(id.text.utf8))).text
    }

    /// A key that nobody issued, with the right checksum.
    func unknown() throws -> WipedBytes { try IssuedKeyText.mint(prefix: "shop", random: SystemRandom()).text }

    /// A key that nobody issued, with one of its last characters another.
    func mistyped() throws -> WipedBytes {
        let right = try unknown()
        let count = right.count
        return right.withBytes { bytes in
            WipedBytes(count: count) { (span: inout MutableRawSpan) in
                for offset in 0..<count {
                    let byte = unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
                    let last = byte == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
                    span.storeBytes(of: offset == count - 1 ? last : byte, toByteOffset: offset, as: UInt8.self)
                }
            }
        }
    }

    /// Random bytes of which the first become the digits that are wanted: an id is made first.
    private struct Fixed: RandomSource {
        let digits: [UInt8]
        init(_ digits: [UInt8]) { self.digits = digits }

        func fill(_ bytes: inout MutableRawSpan) {
            let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
            for offset in 0..<bytes.byteCount {
                let place =
                    offset < digits.count
                    ? alphabet.firstIndex(of: digits[offset]) ?? 0 : Int.random(in: 0..<62)
                bytes.storeBytes(of: UInt8(place), toByteOffset: offset, as: UInt8.self)
            }
        }
    }

    @Sendable private static func now() -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

/// Takes every entry and writes none.
private struct NoLog: AuditSink {
    func append(
        _ entry: AuditEntry, durability: AuditDurability, mayUseReserve: Bool,
        completion: @escaping @Sendable (Result<AuditReceipt, AuditError>) -> Void
    ) {
        completion(.success(head))
    }

    func sync(completion: @escaping @Sendable (Result<AuditReceipt, AuditError>) -> Void) { completion(.success(head)) }

    var head: AuditHead { .start }
    var health: AuditHealth { AuditHealth(name: "none", written: head, synced: head) }
    func close() {}
}
