internal import Audit
internal import Policy
package import SecretMemory
internal import Sealing

extension Vault {
    /// Makes a new data key, which seals what is written from now on.
    ///
    /// - Returns: its id.
    package func rotateKeyring(_ requester: Requester) async throws(VaultError) -> UInt32 {
        let admitted = try admit(requester, .administer, .vault, as: "rotate_keyring")
        return try await changing(admitted) { (staging) throws(VaultError) in
            try staging.addDataKey()
            return staging.keyring.currentDataKeyID
        }
    }

    /// Seals every head, wrapped key and access key again under the current data key, and retires the older ones.
    ///
    /// - Returns: how many records were sealed again.
    package func rewrap(_ requester: Requester) async throws(VaultError) -> Int {
        let admitted = try admit(requester, .administer, .vault, as: "rewrap")
        return try await changing(admitted, erases: true) { (staging) throws(VaultError) in
            let count = try staging.resealEverything(newOwnKeys: false)
            try staging.retireOldDataKeys()
            return count
        }
    }

    /// A new root key, new data keys, a new key for each API key, everything sealed again: what expels somebody who
    /// kept a copy of an old slot. Only the slots whose passphrases were given stay.
    ///
    /// - Parameter authorizations: one for each slot that is to stay, from ``authorizeSealing(_:passphrase:slot:)``.
    /// - Returns: the slots that stayed, and how many records were sealed again.
    package func rekey(
        _ requester: Requester, authorizations: [WipedBytes]
    ) async throws(VaultError) -> (slots: [Int], records: Int) {
        let admitted = try admit(requester, .administer, .vault, as: "rekey")
        try checked(admitted) { () throws(VaultError) in
            guard !authorizations.isEmpty, authorizations.count <= Int(Slot.limit) else {
                throw VaultError(
                    .invalidField, "give the authorization of each slot that is to stay, one at least",
                    field: "Keyturn-Authorization")
            }
        }
        var leaves: [Ceremonies.Leave] = []
        for token in authorizations { leaves.append(try spend(token, admitted)) }
        let kept = leaves
        let result = try await changing(admitted, erases: true) { (staging) throws(VaultError) -> ([Int], Int) in
            let root = try sealingOrThrow { () throws(SealingError) in try RootKey.generate(random: staging.random) }
            try staging.rewrapSlots(kept, under: root)
            try staging.addDataKey(under: root)
            let count = try staging.resealEverything(newOwnKeys: true)
            try staging.retireOldDataKeys()
            return (staging.slots.keys.sorted().map { Int($0) }, count)
        }
        return (result.0, result.1)
    }
}

extension Staging {
    mutating func addDataKey(under other: RootKey? = nil) throws(VaultError) {
        let next = try sealingOrThrow { () throws(SealingError) in
            try keyring.addingDataKey(random: random, now: now)
        }
        putKeyring(next, under: other ?? root)
    }

    mutating func retireOldDataKeys() throws(VaultError) {
        let old = Set(keyring.dataKeyIDs.filter { $0 != keyring.currentDataKeyID })
        guard !old.isEmpty else { return }
        let next = try sealingOrThrow { () throws(SealingError) in try keyring.retiring(old) }
        putKeyring(next, under: root)
        erasesTraces = true
    }

    /// Seals all records again under the current data key; with new own keys, the versions as well.
    ///
    /// - Returns: how many records.
    mutating func resealEverything(newOwnKeys: Bool) throws(VaultError) -> Int {
        var count = 0
        for entry in allKeys() {
            count += try reseal(entry, newOwnKey: newOwnKeys)
        }
        for entry in allIssued() {
            try putIssued(entry.stored, usage: entry.usage, meter: entry.meter)
            count += 1
        }
        for entry in allIssuers() {
            try putIssuer(entry.stored)
            count += 1
        }
        for (lineage, entry) in allLeases() {
            try putLease(entry.stored, of: lineage)
            count += 1
        }
        for entry in allEnrolments() {
            try putEnrolment(entry.stored)
            count += 1
        }
        count += try resealUsage()
        if let checkpoint {
            try putCheckpointKey(checkpoint.signer)
            count += 1
        }
        return count
    }

    private mutating func reseal(_ entry: KeyEntry, newOwnKey: Bool) throws(VaultError) -> Int {
        var head = entry.head
        let before = try children.openKey(of: entry, keyring)
        let after = newOwnKey ? OwnKey.generate(for: keyring, random: random) : before
        let wrapped = putOwnKey(after, of: entry.place)
        head.wrappedKey = wrapped.mark.message
        var cache = entry.cached
        cache.wrappedKey = wrapped
        if newOwnKey {
            cache.body = nil
            for place in head.versions.indices {
                let content = try children.openVersion(head.versions[place], of: entry, with: before, keyring)
                let record = putBody(head.versions[place].number, content, of: entry.place, after)
                head.versions[place].body = record.mark.message
            }
        }
        try putKey(head, path: entry.path, place: entry.place, usage: entry.usage, cache: cache)
        return 2 + (newOwnKey ? head.versions.count : 0)
    }

    /// Wraps another root key in the slots of `leaves`, and drops the other slots.
    mutating func rewrapSlots(_ leaves: [Ceremonies.Leave], under root: RootKey) throws(VaultError) {
        for leave in leaves { try check(leave) }
        let kept = Set(leaves.map(\.slot))
        for number in slots.keys where !kept.contains(number) { removeSlot(number) }
        for leave in leaves {
            guard let slot = slots[leave.slot] else { continue }
            putSlot(
                leave.key.wrap(
                    root, number: slot.number, kind: slot.header.kind, vault: vaultID, generation: generation,
                    random: random))
        }
    }
}
