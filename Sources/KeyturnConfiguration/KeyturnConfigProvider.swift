public import Configuration
public import KeyturnClient
internal import Synchronization

/// Keys of a vault as configuration, for [swift-configuration](https://github.com/apple/swift-configuration).
///
/// The key `payments.stripe` is the key at the path `payments/stripe`, beneath the prefix where one is given; where there
/// is none, it is the field `stripe` of the key at `payments`. Every value is marked as secret, so that no access reporter
/// shows it. The vault tells of changes, and whoever watches gets them.
///
/// ```swift
/// let vault = try KeyturnVault(KeyturnSettings(environment: environment))
/// let config = ConfigReader(provider: try await KeyturnConfigProvider(vault, prefix: "shop"))
/// let key = try config.requiredString(forKey: "sendgrid-api-key")
/// ```
///
/// A value is read as the type that is asked for: `true`, `yes`, `1` and their opposites as booleans, arrays with commas
/// between, bytes as they are stored, arrays of bytes as base64.
public final class KeyturnConfigProvider: ConfigProvider {
    /// `KeyturnConfigProvider`.
    public let providerName = KeyturnConfigSnapshot.name
    private let source: KeySet
    private let state: WatchedSnapshot
    private let following: Task<Void, Never>

    /// Fetches every key beneath `prefix` that the caller may list, and follows them.
    ///
    /// - Parameters:
    ///   - vault: is used for as long as this is, and closed by whoever made it.
    ///   - prefix: a path; nil for all keys.
    /// - Throws: `KeyturnClientError` where there is no first value: one key that may be listed and not retrieved refuses
    ///   all of them.
    public convenience init(_ vault: KeyturnVault, prefix: String? = nil) async throws {
        try await self.init(KeySet(vault: vault, prefix: prefix, paths: nil))
    }

    /// Fetches the keys at `paths`, and follows them. The caller need not be allowed to list keys.
    ///
    /// - Parameters:
    ///   - vault: is used for as long as this is, and closed by whoever made it.
    ///   - paths: whole paths; those that do not start with the prefix are found by no key.
    ///   - prefix: what is left out in front of each.
    /// - Throws: `KeyturnClientError` where one of them cannot be had.
    public convenience init(_ vault: KeyturnVault, paths: [String], prefix: String? = nil) async throws {
        try await self.init(KeySet(vault: vault, prefix: prefix, paths: paths))
    }

    private init(_ source: KeySet) async throws {
        self.source = source
        let state = WatchedSnapshot(try await source.snapshot())
        self.state = state
        following = Task {
            await source.follow {
                state.put($0)
            } after: {
                state.snapshot
            }
        }
    }

    deinit {
        following.cancel()
        state.finish()
    }

    /// The value as it was last served.
    public func value(forKey key: AbsoluteConfigKey, type: ConfigType) throws -> LookupResult {
        try state.snapshot.value(forKey: key, type: type)
    }

    /// The value as it is now: the vault is asked.
    public func fetchValue(forKey key: AbsoluteConfigKey, type: ConfigType) async throws -> LookupResult {
        let snapshot = try await source.snapshot()
        state.put(snapshot)
        return try snapshot.value(forKey: key, type: type)
    }

    /// The value as it is, and each one that comes after it.
    public func watchValue<Return: ~Copyable>(
        forKey key: AbsoluteConfigKey, type: ConfigType,
        updatesHandler: (_ updates: ConfigUpdatesAsyncSequence<Result<LookupResult, any Error>, Never>) async throws ->
            Return
    ) async throws -> Return {
        let (stream, continuation) = AsyncStream<Result<LookupResult, any Error>>
            .makeStream(bufferingPolicy: .bufferingNewest(1))
        let last = Mutex<LookupResult?>(nil)
        let watching = state.watch { snapshot in
            let result = Result { try snapshot.value(forKey: key, type: type) }
            let found = try? result.get()
            let isNew = last.withLock { last in
                defer { last = found }
                return found == nil || found != last
            }
            if isNew { continuation.yield(result) }
        }
        defer {
            state.stopWatching(watching)
            continuation.finish()
        }
        return try await updatesHandler(ConfigUpdatesAsyncSequence(stream))
    }

    /// Everything as it was last served.
    public func snapshot() -> any ConfigSnapshot { state.snapshot }

    /// Everything as it is, and as it is after each change.
    public func watchSnapshot<Return: ~Copyable>(
        updatesHandler: (_ updates: ConfigUpdatesAsyncSequence<any ConfigSnapshot, Never>) async throws -> Return
    ) async throws -> Return {
        let (stream, continuation) = AsyncStream<any ConfigSnapshot>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let watching = state.watch { continuation.yield($0) }
        defer {
            state.stopWatching(watching)
            continuation.finish()
        }
        return try await updatesHandler(ConfigUpdatesAsyncSequence(stream))
    }
}
