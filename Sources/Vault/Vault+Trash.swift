internal import FoundationEssentials
internal import IssuedKeys
package import Policy
internal import Rotation
internal import Sealing
internal import Storage
internal import Usage

extension Vault {
    /// Puts a key into the trash: it is served no more, and can be restored for ``VaultEnvironment/trashWindow``.
    package func trash(
        _ requester: Requester, _ path: ResourcePath, if precondition: Precondition
    ) async throws(VaultError) -> KeyMetadata {
        try await trashTelling(requester, path, if: precondition).key
    }

    /// The same, and tells who read the key within the last day.
    package func trashTelling(
        _ requester: Requester, _ path: ResourcePath, if precondition: Precondition
    ) async throws(VaultError) -> (key: KeyMetadata, readBy: [KeyReader]) {
        let admitted = try admit(requester, .delete, .key(path))
        let window = environment.trashWindow
        let readers = readersNow(path, admitted)
        let (key, call) = try await changing(admitted) { (staging) throws(VaultError) in
            var entry = try staging.present(path)
            try precondition.check(entry)
            let call = try staging.endRotation(&entry)
            var head = entry.head
            head.deleted = UInt64(staging.now)
            head.purgeAfter = UInt64(staging.now + window)
            return (try staging.replace(entry, with: head).metadata(at: staging.clocks), call)
        }
        if let call { admitted.open.rotations.begin(path.text, call) }
        return (key, readers)
    }

    private func readersNow(_ path: ResourcePath, _ admitted: Admitted) -> [KeyReader] {
        admitted.session.key(path.text).map { recentReaders(of: $0, at: admitted.now) } ?? []
    }

    /// Takes a key out of the trash, as it was.
    package func restore(_ requester: Requester, _ path: ResourcePath) async throws(VaultError) -> KeyMetadata {
        let admitted = try admit(requester, .restore, .key(path))
        return try await changing(admitted) { (staging) throws(VaultError) in
            guard let entry = staging.key(path.text) else {
                throw VaultError(.notFound, "there is no key at this path")
            }
            guard entry.summary.deleted != 0 else { throw VaultError(.notInTrash, "the key is not in the trash") }
            var head = entry.head
            head.deleted = 0
            head.purgeAfter = 0
            return try staging.replace(entry, with: head).metadata(at: staging.clocks)
        }
    }

    /// Erases a key, trashed or not, together with the key that sealed it; returns once no trace of either is left
    /// in the store's files.
    package func destroy(
        _ requester: Requester, _ path: ResourcePath, if precondition: Precondition
    ) async throws(VaultError) {
        _ = try await destroyTelling(requester, path, if: precondition)
    }

    /// The same, and tells who read the key within the last day.
    package func destroyTelling(
        _ requester: Requester, _ path: ResourcePath, if precondition: Precondition
    ) async throws(VaultError) -> [KeyReader] {
        let admitted = try admit(requester, .destroy, .key(path))
        let readers = readersNow(path, admitted)
        try await changing(admitted, erases: true) { (staging) throws(VaultError) in
            guard let entry = staging.key(path.text) else {
                throw VaultError(.notFound, "there is no key at this path")
            }
            try precondition.check(entry)
            try staging.checkNothingUnderWay(entry)
            staging.noteCredentialsLeft(entry)
            staging.destroy(entry)
        }
        return readers
    }

    /// What time alone calls for: destroys what has been in the trash for its window, writes down when keys were last
    /// used, tries an erasure again that a reader prevented, and forgets ceremonies and enrolment codes that ended. To be called every minute or so; does nothing while sealed.
    ///
    /// - Returns: how many keys were destroyed.
    @discardableResult
    package func maintain() async throws(VaultError) -> Int {
        ceremonies.expire(at: environment.now())
        guard let open = try? opened(), !open.session.readOnly else { return 0 }
        let now = now(open.session)
        let due = open.session.sortedKeys.all.filter {
            $0.summary.purgeAfter != 0 && now >= Timestamp($0.summary.purgeAfter)
                && $0.rotation?.state.isAtProvider != true
        }.map(\.path)
        for path in due {
            try await open.committer.commit(.purge(path)) { (staging) throws(VaultError) in
                guard let entry = staging.key(path.text), entry.summary.purgeAfter != 0,
                    staging.now >= Timestamp(entry.summary.purgeAfter), !staging.isUnderWay(entry)
                else { return }
                staging.destroy(entry)
            }
        }
        if open.committer.oweErasure {
            try await open.committer.commit(.erasure) { (staging) throws(VaultError) in
                staging.erasesTraces = true
                staging.touch()
            }
        }
        try await sweepEnrolments(open, now)
        try await saveUsage(open)
        return due.count
    }

    /// Writes the refusals to strangers that were counted in the seconds that are over. To be called every second or so.
    package func flushRefusals() { trail.flushStrangers() }

    /// Has what idle issued keys leased and did not use given back. To be called every second or so.
    package func settleLeases() {
        guard let open = try? opened(), !open.session.readOnly else { return }
        open.leases.settleIdle()
    }

    /// Writes down when keys and access keys were last used and what was counted, where that is not written yet.
    func saveUsage(_ open: Open) async throws(VaultError) {
        guard !open.session.readOnly else { return }
        // Looked through without the lock that every retrieval needs.
        let keys = open.session.sortedKeys.all.filter { $0.usage.isUnsaved }.map(\.path.text)
        let issued = open.session.allIssued.filter { $0.usage.isUnsaved }.map(\.number)
        let counted = trail.usage.takeChanges()
        guard !keys.isEmpty || !issued.isEmpty || counted != nil else { return }
        let marks: [(UsageMark, UsageMark.Last)]
        do throws(VaultError) {
            marks = try await commitUsage(open, keys: keys, issued: issued, counted)
        } catch {
            if let counted { trail.usage.takeBack(counted) }
            throw error
        }
        for (mark, saved) in marks { mark.saved(saved) }
    }

    private func commitUsage(
        _ open: Open, keys: [String], issued: [IssuedKeyNumber], _ counted: UsageBook.Changes?
    ) async throws(VaultError) -> [(UsageMark, UsageMark.Last)] {
        let pages = counted?.written() ?? []
        return try await open.committer.commit(.usage) { (staging) throws(VaultError) in
            var marks: [(UsageMark, UsageMark.Last)] = []
            for path in keys {
                if let saved = try staging.saveUsage(path) { marks.append(saved) }
            }
            for number in issued {
                guard let entry = staging.issuedKey(number) else { continue }
                let used = entry.usage.value
                var stored = entry.stored
                stored.lastUsed = UInt64(used.time)
                stored.lastUsedFrom = used.by
                try staging.putIssued(stored, usage: entry.usage, meter: entry.meter)
                marks.append((entry.usage, used))
            }
            for page in pages { try staging.put(page, upTo: counted?.lines.upTo ?? 0) }
            return marks
        }
    }
}

extension Staging {
    /// Writes down when a key was last used, and by whom.
    ///
    /// - Returns: what is written; nil where there is no such key.
    mutating func saveUsage(_ path: String) throws(VaultError) -> (UsageMark, UsageMark.Last)? {
        guard let entry = key(path) else { return nil }
        let used = entry.usage.value
        var head = entry.head
        head.lastUsed = UInt64(used.time)
        head.lastUsedBy = used.by
        try putKey(head, path: entry.path, place: entry.place, usage: entry.usage, cache: entry.cached)
        return (entry.usage, used)
    }

    /// Takes a key, its own sealing key and all its versions out of the store, without a trace.
    mutating func destroy(_ entry: KeyEntry) {
        delete(.wrappedKey, keyring.rowID(.wrappedKey, name: entry.place.wrappedKeyName))
        for version in entry.head.versions {
            delete(.version, keyring.rowID(.version, name: entry.place.name(of: version.number)))
        }
        removeKey(entry)
        erasesTraces = true
    }
}
