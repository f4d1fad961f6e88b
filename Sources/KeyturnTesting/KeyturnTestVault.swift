internal import Audit
public import KeyturnClient
internal import Logging
internal import SecretMemory
internal import Server
internal import ServiceLifecycle
internal import Vault
internal import VaultAPI

/// A real vault for the tests of programs that use one: the same engine, policies, audit log and HTTP as in production,
/// with its store in memory, on a free port of the loopback address and on a socket.
///
/// Unsealing costs next to nothing, which a vault that is kept on a disk never allows.
///
/// ```swift
/// let policies = ["shop.yaml": "policy: shop\nrules:\n  - {allow: [retrieve], keys: [\"shop/**\"]}"]
/// try await KeyturnTestVault.run(policies: policies) { test in
///     try await test.put("shop/stripe", "sk_test_1")
///     let vault = try KeyturnVault(try await test.settings(policies: ["shop"]))
///     let stripe = try await vault.key("shop/stripe")
///     try await test.put("shop/stripe", "sk_test_2")
///     for await value in stripe.changes { #expect(value.text() == "sk_test_2"); break }
///     await vault.close()
/// }
/// ```
public final class KeyturnTestVault: Sendable {
    /// The vault over TCP: `http://127.0.0.1:PORT`.
    public let address: KeyturnAddress
    /// The vault over the applications' socket.
    public let socketAddress: KeyturnAddress
    /// As its administrator, who may do everything.
    public let administrator: KeyturnSettings
    private let running: RunningVault
    private let operations: KeyturnVault
    private let administration: KeyturnVault

    private static let passphrase = "a passphrase for tests, which protects nothing"

    /// Runs `body` with a vault that is open and empty, and removes every trace of it afterwards.
    ///
    /// - Parameters:
    ///   - policies: texts of policy files by file name, such as `shop.yaml`.
    ///   - body: is given the vault, which is gone when it returns.
    /// - Throws: what `body` throws; ``KeyturnTestVaultError`` where a policy file is refused or the vault does not start.
    public static func run<Result>(
        policies: [String: String] = [:], _ body: (KeyturnTestVault) async throws -> Result
    ) async throws -> Result {
        let folder = try TestFolder()
        defer { folder.remove() }
        let running = try await RunningVault.start(in: folder, policies: policies)
        let result: Swift.Result<Result, any Error>
        do {
            let test = try await KeyturnTestVault(running)
            do {
                result = .success(try await body(test))
            } catch {
                result = .failure(error)
            }
            await test.operations.close()
            await test.administration.close()
        } catch {
            result = .failure(error)
        }
        await running.stop()
        return try result.get()
    }

    private init(_ running: RunningVault) async throws {
        self.running = running
        let addresses = running.addresses
        address = try KeyturnAddress(addresses.url ?? "")
        socketAddress = try KeyturnAddress.socket(atPath: addresses.socket ?? "")
        let operatorSocket = try KeyturnAddress.socket(atPath: addresses.operatorSocket)
        operations = try KeyturnVault(KeyturnSettings(address: operatorSocket))
        let made = try await operations.initialize(passphrase: Self.secret(), acceptingRecoveryCode: true)
        administrator = try KeyturnSettings(address: address, accessKey: made.accessKey?.bytes.disclosedText())
        administration = try KeyturnVault(administrator)
    }

    private static func secret() throws -> SecretBytes {
        try WipedBytes(utf8: passphrase).withBytes { try SecretBytes(copying: $0) }
    }
}

/// What a test does to the vault.
extension KeyturnTestVault {
    /// How an application reaches the vault: with a new access key that has these policies.
    ///
    /// - Parameters:
    ///   - policies: the names of those that it may act by, of the vault's.
    ///   - lifetime: such as `90d`; the key does not end unless said.
    ///   - overSocket: whether it uses the socket and not TCP.
    public func settings(
        policies: [String], lifetime: String? = nil, overSocket: Bool = false
    ) async throws -> KeyturnSettings {
        let made = try await administration.issueKey(
            IssueKeyRequest(name: "test application", policies: policies, lifetime: lifetime))
        return try KeyturnSettings(
            address: overSocket ? socketAddress : address, accessKey: made.key.bytes.disclosedText())
    }

    /// Stores a key, or a new version of one, which is served from then on.
    ///
    /// - Returns: the number of the version.
    @discardableResult
    public func put(_ path: String, _ value: String) async throws -> Int {
        try await put(path, fields: ["value": value])
    }

    /// The same with several fields.
    @discardableResult
    public func put(_ path: String, fields: [String: String]) async throws -> Int {
        let request = PutKeyRequest(fields: fields.mapValues { SecretText($0) })
        return try await administration.put(request, at: path).current
    }

    /// The same with bytes that need not be text.
    @discardableResult
    public func put(_ path: String, bytes: [UInt8]) async throws -> Int {
        let text = unsafe Base64.encode(WipedBytes(copying: bytes.span.bytes))
        let request = PutKeyRequest(fields: ["value": SecretText(text)], encoding: .base64)
        return try await administration.put(request, at: path).current
    }

    /// Puts a key in the trash: it is not served any more.
    public func delete(_ path: String) async throws { _ = try await administration.delete(path) }

    /// Seals the vault: nobody is served.
    public func seal() async throws {
        _ = try await operations.seal()
        // A seal closes all connections. A client hears of that when it uses one at the latest: here, and not where it
        // changes something.
        for _ in 0..<10 { if (try? await administration.status()) != nil { break } }
    }

    /// Opens it again.
    public func unseal() async throws {
        _ = try await operations.unseal(passphrase: Self.secret(), slot: nil, acceptingDamage: false)
    }

    /// Lets time pass for the vault, at once: what expires within `duration` has expired then.
    public func advance(by duration: Duration) { running.advance(by: Int64(duration / .milliseconds(1))) }

    /// Revokes the access key in `settings`: nobody is served with it from then on.
    public func revoke(_ settings: KeyturnSettings) async throws {
        guard let key = settings.accessKey else { return }
        let found = try await administration.findIssuedKeys(SecretText(key))
        for key in found.keys { _ = try await administration.changeIssuedKey(key.id, .revoke) }
    }
}

/// Why a vault for tests did not start.
public struct KeyturnTestVaultError: Error, Sendable, CustomStringConvertible {
    /// A sentence, and every mistake in the policy files.
    public let description: String

    init(_ lines: [String]) { description = lines.joined(separator: "\n") }
}
