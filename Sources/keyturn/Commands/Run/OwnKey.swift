internal import KeyturnClient
internal import SecretMemory
internal import VaultAPI

extension Provision {
    /// Replaces the access key by its successor where the vault has warned that it ends, it came from a file that can
    /// be written, and the policies let its holder roll it. Whatever goes wrong is said, and the old key stays; where
    /// the successor cannot be written, it is presented all the same, and written as soon as it can be.
    ///
    /// - Returns: whether there was nothing to do, or it was done.
    @discardableResult
    func rollOwnKey() async -> Bool {
        guard let keyFile else { return true }
        guard ownKey.successor != nil || vault.accessKeyExpires != nil && keyFile.canBeReplaced else { return true }
        do {
            let done: Void? = try await keyFile.locked {
                if let successor = ownKey.successor { return try write(successor, to: keyFile) }
                if try takeNewKey() { return }
                guard let before = vault.accessKey, let end = vault.accessKeyExpires else { return }
                try keyFile.rehearse(size: before.count + 1)
                let overlap = Self.overlap(until: end, now: Surroundings.now)
                let new = try await vault.rollOwnAccessKey(overlap: overlap)
                // It is shown once: used from here on, whether it can be written or not.
                try vault.use(accessKey: new.key.bytes.disclosedText() ?? "")
                ownKey.keep(new.key.bytes, inPlaceOf: before)
                try write(new.key.bytes, to: keyFile)
            }
            return done != nil
        } catch {
            let state =
                ownKey.successor == nil
                ? "the access key is about to end and could not be rolled"
                : "the access key was rolled, and its successor is not in its file yet"
            let reason = (error as? Failure)?.sentence ?? "\(error)"
            if ownKey.isNews("\(state): \(reason)") { Console.note("keyturn: \(state): \(reason)") }
            return false
        }
    }

    /// How long a key is to be honoured once it is rolled: to its own end, which it never outlives. Where the successor
    /// is lost on its way here, or cannot be written, nobody can roll the key again.
    ///
    /// A day at least, which is what the vault takes unless said, since the clock here may be ahead of the vault's, and
    /// 400 days at most, since the vault takes no more.
    static func overlap(until end: Timestamp, now: Int64) -> String {
        let seconds = (end.milliseconds - now + 999) / 1000
        return "\(min(max(seconds, 86_400), 400 * 86_400))s"
    }

    /// Puts a successor that is presented into the file, unless somebody has put another key there: that is taken then.
    private func write(_ successor: WipedBytes, to keyFile: AccessKeyFile) throws {
        if try takeNewKey() { return }
        try keyFile.replace(with: successor)
        ownKey.settle()
        Console.note("keyturn: the access key was about to end; its successor is in \(keyFile.path)")
    }

    /// Presents what stands in the key file, where that is another key than the one presented so far, and not the one
    /// that was presented before it.
    ///
    /// - Returns: whether it is.
    func takeNewKey() throws -> Bool {
        guard let keyFile else { return false }
        let text = try keyFile.read()
        let found = WipedBytes(utf8: text)
        guard vault.accessKey?.isSame(as: found) != true, !ownKey.isPredecessor(found) else { return false }
        try vault.use(accessKey: text)
        ownKey.settle()
        return true
    }
}
