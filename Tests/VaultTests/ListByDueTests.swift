import Policy
import SecretMemory
import Sealing
import Rotation
import Testing

@testable import Vault

@Suite("Lists by when rotations are due")
struct ListByDueTests {
    private static let folders = ["payments/hidden", "payments/open", "billing"]

    private static func rotation(_ random: inout SeededGenerator) -> RotationChange? {
        let interval: Int64 = Int64(random.next() % 12 + 1) * .day
        switch random.next() % 6 {
        case 0, 1: return nil
        case 2: return .set(.generate(.whenAsked))
        case 3: return .set(RotationSettingsInput(rotator: "generate", timing: .every(interval), paused: true))
        default: return .set(.generate(.every(interval)))
        }
    }

    /// Three hundred keys: due at a few moments or at none, some of them paused, some expired soon, some in the trash.
    private func stocked() async throws -> TestVault {
        var random = SeededGenerator(seed: 7)
        let vault = try await TestVault.open()
        for batch in 0..<3 {
            var writes: [KeyWrite] = []
            for number in 0..<100 {
                let folder = Self.folders.randomElement(using: &random) ?? "billing"
                var metadata = MetadataChange(tags: random.next() & 3 == 0 ? ["prod"] : [])
                if random.next() & 7 == 0 { metadata.expires = .some(TestClock.start + 10 * .day) }
                metadata.rotation = Self.rotation(&random)
                writes.append(
                    KeyWrite(
                        path: try path("\(folder)/k\(number)-\(batch)"), fields: [SecretField("value", "v")],
                        metadata: metadata))
            }
            _ = try await vault.vault.importKeys(vault.administrator, writes, replace: false)
            vault.clock.advance(.hour)
        }
        let keys = try vault.vault.list(vault.administrator, KeyQuery(limit: 1_000)).items
        for key in keys where random.next() % 6 == 0 {
            _ = try await vault.vault.trash(vault.administrator, key.path, if: .none)
        }
        return vault
    }

    /// As such a list is described.
    ///
    /// - Parameter keys: all that the caller may list.
    private func plain(_ keys: [KeyMetadata], by order: KeyOrder, dueBefore: Timestamp?) -> [String] {
        var ranked: [(rank: Int64, path: String)] = []
        for key in keys {
            let due = key.deleted == nil ? key.rotation?.due : nil
            if let dueBefore { guard let due, due < dueBefore else { continue } }
            switch order {
            case .path: ranked.append((0, key.path.text))
            case .due: ranked.append((due ?? Timestamp.max, key.path.text))
            case .expires: if let expires = key.expires { ranked.append((expires, key.path.text)) }
            case .created: ranked.append((-key.created, key.path.text))
            case .updated: ranked.append((-key.updated, key.path.text))
            case .used: ranked.append((key.lastUsed ?? 0, key.path.text))
            }
        }
        return ranked.sorted { ($0.rank, $0.path) < ($1.rank, $1.path) }.map { $0.path }
    }

    private func pages(
        _ vault: TestVault, _ requester: Requester, _ query: KeyQuery, by order: KeyOrder, dueBefore: Timestamp?
    ) throws -> [String] {
        var (query, found) = (query, [String]())
        while found.count <= 1_000 {
            let page = try vault.vault.list(requester, query, by: order, dueBefore: dueBefore)
            found += page.items.map(\.path.text)
            guard let cursor = page.cursor else { return found }
            // A page that is not the last is full.
            #expect(page.items.count == query.limit)
            query.cursor = cursor
        }
        throw Unexpected("the pages never end")
    }

    @Test("A list by due date, and one of what is due, is what a filter and a sort of all keys give, page by page")
    func compared() async throws {
        var random = SeededGenerator(seed: 8)
        let vault = try await stocked()
        let lister = try await vault.caller("lister")
        vault.clock.advance(11 * .day)
        let queries = [
            KeyQuery(), KeyQuery(everything: true), KeyQuery(state: .trashed), KeyQuery(state: .expired),
            KeyQuery(prefix: "payments"), KeyQuery(prefix: "payments/open", everything: true),
            KeyQuery(words: ["k1"]), KeyQuery(tag: "prod"),
        ]
        var listed = 0
        for requester in [vault.administrator, lister] {
            for query in queries {
                var whole = query
                whole.limit = 1_000
                let keys = try vault.vault.list(requester, whole).items
                for order in [.due, .path, .expires] as [KeyOrder] {
                    for days in [nil, 0, 4, 400] as [Int64?] {
                        let bound = days.map { TestClock.start + $0 * .day }
                        var asked = query
                        asked.limit = [9, 70, 1_000].randomElement(using: &random) ?? 9
                        let wanted = plain(keys, by: order, dueBefore: bound)
                        let found = try pages(vault, requester, asked, by: order, dueBefore: bound)
                        #expect(found == wanted, "\(order) \(days ?? -1) \(asked)")
                        listed += wanted.count
                    }
                }
            }
        }
        #expect(listed > 1_000)
    }

    @Test("A page by due date goes on where it ended though keys come, and go into the trash, between")
    func changesBetween() async throws {
        let vault = try await TestVault.open()
        let (engine, admin) = (vault.vault, vault.administrator)
        for day in 1...6 { try await vault.put("k\(day)", rotation: .generate(.every(Int64(day) * .day))) }
        try await vault.put("plain")
        let first = try engine.list(admin, KeyQuery(limit: 2), by: .due)
        #expect(first.items.map(\.path.text) == ["k1", "k2"])
        _ = try await engine.trash(admin, try path("k3"), if: .none)
        try await vault.put("early", rotation: .generate(.every(.day)))
        try await vault.put("late", rotation: .generate(.every(5 * .day)))
        func paths(_ query: KeyQuery, _ order: KeyOrder, _ days: Int64? = nil) throws -> [String] {
            let bound = days.map { TestClock.start + $0 * .day }
            return try engine.list(admin, query, by: order, dueBefore: bound).items.map(\.path.text)
        }
        #expect(try paths(KeyQuery(cursor: first.cursor), .due) == ["k4", "k5", "late", "k6", "plain"])
        // What is in the trash is not due, as is what is not rotated.
        #expect(
            try paths(KeyQuery(everything: true, cursor: first.cursor), .due) == [
                "k4", "k5", "late", "k6", "k3", "plain",
            ])
        #expect(try paths(KeyQuery(), .due, 5) == ["early", "k1", "k2", "k4"])
        #expect(try paths(KeyQuery(cursor: first.cursor), .due, 5) == ["k4"])
        #expect(try paths(KeyQuery(), .path, 3) == ["early", "k1", "k2"])
    }

    @Test("A cursor that no page gave is refused, or goes on from where it says")
    func strangeCursors() async throws {
        let vault = try await TestVault.open()
        let (engine, admin) = (vault.vault, vault.administrator)
        for day in 1...2 { try await vault.put("k\(day)", rotation: .generate(.every(Int64(day) * .day))) }
        try await vault.put("plain")
        for cursor in ["x", "1", "/k1", "1/", "1/a//b", "9223372036854775808/k"] {
            #expect(await code { try engine.list(admin, KeyQuery(cursor: cursor), by: .due) } == .invalidField)
        }
        let due: Timestamp = TestClock.start + .day
        let rest: [String: [String]] = [
            "-1/k1": ["k1", "k2", "plain"], "\(due)/k0": ["k1", "k2", "plain"], "\(due)/k1": ["k2", "plain"],
            "\(due + 1)/a": ["k2", "plain"], "\(Timestamp.max)/a": ["plain"], "\(Timestamp.max)/plain": [],
        ]
        for (cursor, wanted) in rest {
            let page = try engine.list(admin, KeyQuery(cursor: cursor), by: .due)
            #expect(page.items.map(\.path.text) == wanted)
            #expect(page.cursor == nil)
        }
    }
}

@Suite("Keys in another order than that of their paths")
struct KeysInOrderTests {
    /// - Parameter due: 0: it is rotated and not due by itself; nil: it is not rotated.
    private func entry(_ path: String, due: Timestamp?, isTrashed: Bool, created: UInt64) throws -> KeyEntry {
        var head = StoredKeyHead()
        head.path = path
        head.created = created
        head.deleted = isTrashed ? 5 : 0
        if let due {
            head.rotation.rotator = "generate"
            head.rotationState.due = UInt64(due)
        }
        return KeyEntry(
            path: try ResourcePath(parsing: path), keyID: KeyID(Bytes16()), summary: KeyHeadSummary(head),
            rotation: KeyRotation(head), opened: try WipedBytes(encoding: head),
            mark: Mark(generation: 1, nonce: Bytes24(), tag: Bytes16()), usage: UsageMark(time: 0, by: ""))
    }

    private func stocked(_ count: Int, _ random: inout SeededGenerator) throws -> [KeyEntry] {
        var entries: [KeyEntry] = []
        for number in 0..<count {
            let folder = ["a", "a-b", "b/c"].randomElement(using: &random) ?? "a"
            let due: Timestamp? = random.next() % 4 == 0 ? nil : Timestamp(random.next() % 100)
            let isTrashed = random.next() % 6 == 0
            entries.append(
                try entry("\(folder)/k\(number)", due: due, isTrashed: isTrashed, created: random.next() % 50))
        }
        return entries
    }

    private func keys(_ entries: [KeyEntry]) -> KeysInOrder {
        var index = Index()
        for entry in entries { index.load(entry) }
        index.finish(watched: 0)
        return KeysInOrder(sorted: index.sorted, dues: index.dues.walk, table: index.keys)
    }

    private func wanted(
        _ order: KeyOrder, dueBefore: Timestamp? = nil, _ prefix: KeyPrefix = .everything, start: Ranked? = nil,
        most: Int
    ) -> KeysInOrder.Wanted {
        KeysInOrder.Wanted(
            order: order, dueBefore: dueBefore, prefix: prefix, needles: TextNeedles([]), hasWords: false, start: start,
            most: most)
    }

    private func mayBeSeen(_ entry: KeyEntry) -> Bool { !entry.path.text.hasSuffix("7") }

    private func plain(
        _ entries: [KeyEntry], by order: KeyOrder, dueBefore: Timestamp?, _ prefix: KeyPrefix
    ) -> [String] {
        var ranked: [Ranked] = []
        for entry in entries where prefix.contains(entry.path) && mayBeSeen(entry) {
            let due = entry.summary.deleted == 0 ? entry.rotation?.state.due : nil
            if let dueBefore { guard let due, due < dueBefore else { continue } }
            let rank: Int64 =
                switch order {
                case .due: due ?? Timestamp.max
                case .created: -Timestamp(entry.summary.created)
                default: 0
                }
            ranked.append(Ranked(rank: rank, path: entry.path.text))
        }
        return ranked.sorted().map(\.path)
    }

    private func found(
        _ keys: KeysInOrder, by order: KeyOrder, dueBefore: Timestamp?, _ prefix: KeyPrefix, limit: Int
    ) throws -> [String] {
        var (start, found): (Ranked?, [String]) = (nil, [])
        while found.count <= 1_000 {
            let asked = wanted(order, dueBefore: dueBefore, prefix, start: start, most: limit + 1)
            let page: Page<String> = keys.first(asked, mayBeSeen).page(limit: limit) { $0 }
            found += page.items
            guard let cursor = page.cursor else { return found }
            #expect(page.items.count == limit)
            start = try Ranked(cursor: cursor)
        }
        throw Unexpected("the pages never end")
    }

    @Test(
        "Pages are what a filter and a sort give, however many of those that are due soonest are looked at",
        arguments: 1...3 as ClosedRange<UInt64>)
    func compared(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let entries = try stocked(400, &random)
        var keys = keys(entries)
        for (mostDue, mostFresh) in [(0, 1), (1, 7), (60, 50), (4_096, 4_096)] {
            (keys.mostDue, keys.mostFresh) = (mostDue, mostFresh)
            for order in [.due, .path, .created] as [KeyOrder] {
                for bound in [nil, 0, 5, 60, 1_000] as [Timestamp?] {
                    for text in ["", "a", "b/c"] {
                        let prefix = try KeyPrefix(parsing: text)
                        let limit = [7, 30, 500].randomElement(using: &random) ?? 7
                        let wanted = plain(entries, by: order, dueBefore: bound, prefix)
                        let found = try found(keys, by: order, dueBefore: bound, prefix, limit: limit)
                        #expect(found == wanted, "\(mostDue) \(order) \(bound ?? -1) \(text) \(limit)")
                    }
                }
            }
        }
    }

    @Test("The first page by due date asks who may see no more keys than it needs")
    func few() throws {
        var random = SeededGenerator(seed: 4)
        let entries = try stocked(2_000, &random)
        let unrotated = entries.filter { $0.rotation == nil }
        for standing in [keys(entries), keys(unrotated)] {
            var asked = 0
            _ = standing.first(wanted(.due, most: 11)) { _ in
                asked += 1
                return true
            }
            #expect(asked == 11)
        }
    }

    @Test("A page of the newest asks of a few who may see them, however many come in the wrong order")
    func newest() throws {
        var random = SeededGenerator(seed: 6)
        var keys = keys(try stocked(2_000, &random))
        keys.mostFresh = 200
        for order in [.created, .updated, .used] as [KeyOrder] {
            var asked = 0
            _ = keys.first(wanted(order, most: 11)) { _ in
                asked += 1
                return true
            }
            #expect(asked <= 2_000 / 200 * 11 + 11, "\(order)")
        }
    }

    @Test("A walk by time begins behind an item, ends before a moment, and stays as it was when it began")
    func walk() {
        var random = SeededGenerator(seed: 5)
        var (order, model) = (TimeOrder(), [String: Timestamp]())
        for _ in 0..<3_000 {
            let path = "k\(random.next() % 1_500)"
            let time: Timestamp? = random.next() % 5 == 0 ? nil : Timestamp(random.next() % 300)
            order.set(path, time)
            model[path] = time
        }
        let walk = order.walk
        let sorted = model.map { TimeOrder.Item(time: $0.value, path: $0.key) }.sorted()
        for path in model.keys { order.set(path, 7) }
        for _ in 0..<50 {
            let time = Timestamp(random.next() % 320)
            let start: TimeOrder.Item? =
                random.next() % 4 == 0 ? nil : TimeOrder.Item(time: time, path: "k\(random.next() % 1_500)")
            let end = Timestamp(random.next() % 320)
            let most = 1 + Int(random.next() % 40)
            var found: [TimeOrder.Item] = []
            walk.visit(after: start, before: end) { item in
                found.append(item)
                return found.count < most
            }
            let behind = sorted.filter { item in start.map { item > $0 } ?? true }
            #expect(found == Array(behind.filter { $0.time < end }.prefix(most)))
        }
    }
}
