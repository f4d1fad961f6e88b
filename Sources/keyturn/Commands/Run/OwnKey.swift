internal import KeyturnClient
internal import SecretMemory
internal import VaultAPI

extension Provision {
    /// Replaces the access key by its successor where the vault has warned that it ends, it came from a file that can be
    /// written, and the policies let its holder roll it. Whatever goes wrong is said, and the old key stays.
    ///
    /// - Returns: whether there was nothing to do, or it was done.
    @discardableResult
    func rollOwnKey() async -> Bool {
        guard let keyFile, vault.accessKeyExpires != nil, keyFile.canBeReplaced else { return true }
        do {
            let done: Void? = try await keyFile.locked {
                if try takeNewKey() { return }
                let new = try await vault.rollOwnAccessKey(overlap: nil)
                // It is shown once: used from here on, whether it can be written or not.
                try vault.use(accessKey: new.key.bytes.disclosedText() ?? "")
                try keyFile.replace(with: new.key.bytes)
                Console.note("keyturn: the access key was about to end; its successor is in \(keyFile.path)")
            }
            return done != nil
        } catch {
            Console.note("keyturn: the access key is about to end and could not be rolled: \(error)")
            return false
        }
    }

    /// Presents what stands in the key file, where that is another key than the one presented so far.
    ///
    /// - Returns: whether it is.
    func takeNewKey() throws -> Bool {
        guard let keyFile else { return false }
        let text = try keyFile.read()
        let known = vault.accessKey
        let isKnown = WipedBytes(utf8: text).withBytes { new in
            known?.withBytes { old in constantTimeEqual(new, old) } ?? false
        }
        guard !isKnown else { return false }
        try vault.use(accessKey: text)
        return true
    }
}
