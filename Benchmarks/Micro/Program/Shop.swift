internal import Audit
internal import Dispatch
internal import IssuedKeys
internal import Policy
internal import Sealing
internal import SecretMemory
internal import Storage
internal import Synchronization
internal import Vault

/// A vault in memory, with keys, an issuer, and somebody who may do what is counted. Its clock stands still.
struct Shop: Sendable {
    private let vault: Vault
    private let gateway: Requester
    private let issued: WipedBytes
    private static let value = "sk_live_" + String(repeating: "7", count: 39)

    /// Waits for one: an asynchronous `main` would end the first thread, which valgrind does not survive.
    static func made(keys count: Int = 100) throws -> Shop {
        let waiting = Waiting()
        Task.detached {
            let shop = try? await Shop(keys: count)
            waiting.shop.withLock { $0 = shop }
            waiting.done.signal()
        }
        waiting.done.wait()
        guard let shop = waiting.shop.withLock({ $0 }) else { throw Micro.Wrong() }
        return shop
    }

    private final class Waiting: Sendable {
        let shop = Mutex<Shop?>(nil)
        let done = DispatchSemaphore(value: 0)
    }

    private init(keys count: Int) async throws {
        let policy = """
            policy: gateway
            rules:
              - allow: [retrieve, list]
                keys: ["shop/**"]
              - allow: [verify]
                issuers: [shop]
            """
        var environment = VaultEnvironment(
            store: MemoryStore(), audit: NoLog(), now: { 1_780_000_000_000 },
            policyFiles: { [(name: "gateway.yaml", text: policy)] },
            costLimits: CostLimits(memoryKiB: 8...64, iterations: 1...2, parallelism: 1...2),
            defaultCosts: DerivationCosts(memoryKiB: 8, iterations: 1, parallelism: 1))
        environment.steady = { 1_780_000_000_000 }
        vault = try Vault(environment)
        let passphrase = unsafe try SecretBytes(copying: Array("a passphrase of no account".utf8).span.bytes)
        let made = try await vault.initialize(
            Requester(credential: .unixUser(id: 0, name: "root"), door: .operatorSocket, route: "-"),
            passphrase: passphrase, token: nil, acceptRecoveryCode: true, costs: RequestedCosts())
        guard case .done(_, let text) = made else { throw Micro.Wrong() }
        func holder(_ text: WipedBytes) -> Requester {
            Requester(credential: .accessKey(text), door: .socket, route: "-")
        }
        let administrator = holder(text)
        for first in stride(from: 0, to: count, by: 500) {
            let writes = try (first..<min(count, first + 500)).map {
                KeyWrite(
                    path: try ResourcePath(parsing: "shop/service-\($0 % 97)/key-\($0)"),
                    fields: [SecretField(name: "value", value: WipedBytes(utf8: Self.value))],
                    metadata: MetadataChange(name: "Key number \($0)", provider: "stripe", tags: ["bench"]))
            }
            _ = try await vault.importKeys(administrator, writes, replace: false)
        }
        gateway = holder(
            try await vault.issue(administrator, AccessKeyRequest(name: "gateway", policies: ["gateway"])).text)
        _ = try await vault.createIssuer(administrator, IssuerRequest(name: "shop"))
        issued = try await vault.issue(administrator, from: "shop", IssueRequest(name: "customer")).text
    }

    /// From the caller's key to the value, and the line for the log made.
    func retrieve() throws -> () throws -> Void {
        let query = ValueQuery(path: try ResourcePath(parsing: "shop/service-42/key-42"))
        return {
            guard case .values(let found) = try vault.retrieve(gateway, query), found.fields[0].value.count == 47 else {
                throw Micro.Wrong()
            }
        }
    }

    func verify() throws -> () throws -> Void {
        let query = VerifyQuery(key: issued)
        return {
            guard try vault.verifyNow(gateway, query)?.code == .valid else { throw Micro.Wrong() }
        }
    }

    /// For one key of two thousand.
    func search() throws -> () throws -> Void {
        {
            let page = try vault.list(gateway, KeyQuery(words: ["key-1234"]))
            guard page.items.count == 1 else { throw Micro.Wrong() }
        }
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
