internal import Glibc
internal import LastKnownGood
internal import SecretMemory
internal import VaultAPI

/// The last values that a vault gave, in a file that only the holder of the access key can open; or, without an access
/// key, only a user who can read the file of random bytes beside it.
struct ValueCache: Sendable {
    let path: String
    /// How old values may be that a program is started with, in milliseconds.
    let limit: Int64
    let binding: CacheBinding

    /// - Parameters:
    ///   - address: of the vault, as it is written.
    ///   - plan: what is asked for.
    /// - Throws: a usage failure where others may write to its folder.
    init(path: String, limit: Int64, address: String, plan: RunPlan) throws(Failure) {
        self.path = AbsolutePath.from(path)
        self.limit = limit
        binding = CacheBinding(address: address, names: plan.names)
        let folder = AbsolutePath.folder(of: self.path)
        guard try !PrivateFile.isOpenToOthers(folder: folder) else {
            throw .usage("--cache: others may write to \(folder)", hint: "keep it in a folder of this user's own")
        }
    }

    /// What is in the file.
    struct Contents: Codable {
        struct Entry: Codable {
            var path: String
            var field: String?
            var value: KeyValue
        }

        /// When the vault last gave or confirmed the values, in milliseconds since 1970.
        var confirmed: Int64
        var accessKeyExpires: Int64?
        var entries: [Entry]

        var values: RunValues {
            RunValues(
                entries: entries.map { (reference: ValueReference(path: $0.path, field: $0.field), value: $0.value) })
        }
    }

    /// The values, where they can be opened and are not too old.
    ///
    /// - Parameter accessKey: the one that is presented, if any.
    /// - Returns: nil where there is nothing to use, with the reason where there is a file.
    func read(_ accessKey: WipedBytes?, now: Int64) -> (contents: Contents?, reason: String?) {
        let sealed: WipedBytes
        do {
            sealed = try PrivateFile.read(path, limit: 128 << 20)
        } catch {
            switch error {
            case .missing: return (nil, nil)
            case .notPrivate: return (nil, "its file is not this user's, or is open to others")
            case .unreadable: return (nil, "its file cannot be read")
            }
        }
        guard let key = key(accessKey, making: false) else { return (nil, "there is nothing to open it with") }
        let bytes = sealed.withBytes { span in unsafe span.withUnsafeBytes { unsafe [UInt8]($0) } }
        guard let opened = SealedCache.open(bytes, with: key, for: binding) else {
            return (nil, "it is of another access key, vault or list of names, or damaged")
        }
        var json = opened.withBytes { span in unsafe span.withUnsafeBytes { unsafe [UInt8]($0) } }
        defer { Sodium.wipe(&json) }
        guard let contents = try? WireJSON.reply(Contents.self, from: json) else {
            return (nil, "it is of another release")
        }
        let age = KeptAge(
            confirmed: contents.confirmed, accessKeyExpires: contents.accessKeyExpires,
            valuesExpire: contents.values.expires)
        switch age.fault(now: now, limit: limit) {
        case nil: return (contents, nil)
        case .tooOld: return (nil, "it is older than --cache-max-age")
        case .fromTheFuture: return (nil, "it is of a later time than the clock says")
        case .accessKeyExpired: return (nil, "the access key has expired since")
        case .valueExpired: return (nil, "a key in it has expired since")
        }
    }

    /// Keeps what the vault gave.
    ///
    /// - Throws: a failure that says why it could not be written. What was kept before stays.
    func keep(_ values: RunValues, _ accessKey: WipedBytes?, expires: Int64?, now: Int64) throws(Failure) {
        guard let key = key(accessKey, making: true) else {
            throw Failure(.failed, "--cache: the file \(keyPath) cannot be written, or is open to others")
        }
        let contents = Contents(
            confirmed: now, accessKeyExpires: expires,
            entries: values.entries.map { .init(path: $0.reference.path, field: $0.reference.field, value: $0.value) })
        guard var json = try? WireJSON.encode(contents) else {
            throw Failure(.failed, "--cache: the values cannot be written down")
        }
        let sealed = unsafe SealedCache.seal(WipedBytes(copying: json.span.bytes), with: key, for: binding)
        Sodium.wipe(&json)
        try unsafe PrivateFile.write(sealed.span.bytes, to: path, isDurable: true)
    }

    /// Forgets what was kept: the vault has refused since.
    func erase() { PrivateFile.remove(path) }

    private var keyPath: String { path + ".key" }

    private func key(_ accessKey: WipedBytes?, making: Bool) -> CacheKey? {
        if let accessKey { return try? CacheKey(accessKey: accessKey) }
        if let kept = try? PrivateFile.read(keyPath, limit: CacheKey.size) { return try? CacheKey(random: kept) }
        guard making else { return nil }
        let bytes = SystemRandom().bytes(CacheKey.size)
        guard (try? unsafe PrivateFile.write(bytes.span.bytes, to: keyPath, isDurable: true)) != nil else { return nil }
        return try? unsafe CacheKey(random: WipedBytes(copying: bytes.span.bytes))
    }
}
