import Policy
import SecretMemory
import Sealing
import Testing

@testable import Vault

@Suite("Keys in their order")
struct SortedKeysTests {
    private static let segments = ["a", "b", "ab", "a-b", "a.b", "shop", "Stripe", "pay", "x1", "0"]
    private static let names = [
        "", "Stripe live", "STRIPE", "straße", "Kelvin key", "two\nlines", "caf\u{E9}", "cafe\u{301}", "a;b", "№ 7",
    ]
    /// With letters that are ASCII ones to whoever does not look at their bytes.
    private static let strange = ["Kelvin \u{212A}ey", "İstanbul", "a\u{37E}b", "\u{1FEF}x"]
    private static let words = [
        "stripe", "ipe", "pe", "a", "zzz", "ß", "kelvin k", "i", "two\nlines", "\n", "cafe\u{301}", "\u{37E}", "sk_1",
        "prod",
        "shop/", "ripe l", "b;", "a;b", "`x", "bul", "istan",
    ]

    private func entry(
        _ path: String, _ random: inout SeededGenerator, names: [String] = names
    ) throws -> KeyEntry {
        var head = StoredKeyHead()
        head.path = path
        head.name = names.randomElement(using: &random) ?? ""
        head.description_p = random.next() & 3 == 0 ? "for \(random.next() % 50)" : ""
        head.provider = ["", "Stripe", "aws"].randomElement(using: &random) ?? ""
        head.tags = ["prod", "Team"].filter { _ in random.next() & 1 == 0 }
        head.created = random.next()
        head.deleted = random.next() & 7 == 0 ? 5 : 0
        head.current = 2
        for number in [1, 2] as [UInt32] {
            var version = StoredVersionHead()
            version.number = number
            version.prefix = "sk_\(random.next() % 4)"
            version.createdBy = "unix-user:zzz"
            head.versions.append(version)
        }
        return try entry(head)
    }

    private func entry(_ head: StoredKeyHead) throws -> KeyEntry {
        KeyEntry(
            path: try ResourcePath(parsing: head.path), keyID: KeyID(Bytes16()), summary: KeyHeadSummary(head),
            rotation: KeyRotation(head), opened: try WipedBytes(encoding: head),
            mark: Mark(generation: 1, nonce: Bytes24(), tag: Bytes16()), usage: UsageMark(time: 0, by: ""))
    }

    private func path(_ random: inout SeededGenerator) -> String {
        (0...random.next() % 3).map { _ in Self.segments.randomElement(using: &random) ?? "a" }.joined(separator: "/")
            + "\(random.next() % 3)"
    }

    /// As a search is described, without any index.
    private func plain(_ model: [String: KeyEntry], _ query: KeyQuery, _ prefix: KeyPrefix) -> [String] {
        model.keys.sorted().filter { path in
            guard let entry = model[path], prefix.contains(entry.path), query.cursor.map({ path > $0 }) ?? true else {
                return false
            }
            let head = entry.head
            if head.deleted != 0 { return false }
            if let tag = query.tag, !head.tags.contains(tag) { return false }
            if let provider = query.provider, provider.lowercased() != head.provider.lowercased() { return false }
            let shown = head.versions.first { $0.number == head.current }?.prefix ?? ""
            let text = ([head.path, head.name, head.description_p, head.provider, shown] + head.tags)
                .joined(separator: "\n").lowercased()
            return query.words.allSatisfy { text.contains($0.lowercased()) }
        }
    }

    private func found(_ sorted: SortedKeys, _ query: KeyQuery, _ prefix: KeyPrefix, most: Int) -> [String] {
        let search = KeySearch(query, prefix: prefix)
        var paths: [String] = []
        sorted.visit(prefix, after: query.cursor, search.needles) { entry in
            if search.admits(entry, at: 10) { paths.append(entry.path.text) }
            return paths.count < most
        }
        return paths
    }

    private func looked(_ sorted: SortedKeys, for words: [String]) -> Int {
        var count = 0
        sorted.visit(.everything, after: nil, TextNeedles(words)) { _ in
            count += 1
            return true
        }
        return count
    }

    private func compare(
        _ sorted: SortedKeys, _ table: KeyTable, _ model: [String: KeyEntry], _ random: inout SeededGenerator
    ) throws {
        #expect(sorted.all.map(\.path.text) == model.keys.sorted())
        #expect(sorted.all.allSatisfy { model[$0.path.text] === $0 && table[$0.path.text] === $0 })
        #expect(table.count == model.count)
        for _ in 0..<20 {
            let prefix = try KeyPrefix(parsing: random.next() & 1 == 0 ? "" : path(&random))
            let query = KeyQuery(
                words: (0..<random.next() % 3).compactMap { _ in Self.words.randomElement(using: &random) },
                tag: random.next() & 3 == 0 ? "Team" : nil, provider: random.next() & 3 == 0 ? "stripe" : nil,
                cursor: random.next() & 1 == 0 ? nil : path(&random))
            let most = [1, 7, 10_000].randomElement(using: &random) ?? 1
            let wanted = plain(model, query, prefix).prefix(most)
            #expect(found(sorted, query, prefix, most: most) == Array(wanted), "\(query) \(prefix)")
        }
    }

    @Test("Keys that come, change and go are found as by a plain walk", arguments: 1...4 as ClosedRange<UInt64>)
    func changes(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let names = seed & 1 == 0 ? Self.names + Self.strange : Self.names
        var (sorted, table, model) = (SortedKeys(), KeyTable(), [String: KeyEntry]())
        for step in 1...3_000 {
            let path = path(&random)
            if random.next() % 4 == 0 {
                sorted.remove(path)
                table.set(path, nil)
                model[path] = nil
            } else {
                let entry = try entry(path, &random, names: names)
                sorted.put(entry)
                table.set(path, entry)
                model[path] = entry
            }
            if step % 1_000 == 0 { try compare(sorted, table, model, &random) }
        }
        var loaded = SortedKeys()
        loaded.load(Array(model.values))
        try compare(loaded, table, model, &random)
    }

    @Test("A word that no key has is looked for in no key, whatever script the texts are in")
    func passesOver() throws {
        var random = SeededGenerator(seed: 9)
        let plain = try (0..<2_000).map { number in
            var head = StoredKeyHead()
            head.path = "shop/\(number)"
            // None of these letters may be taken for one of ASCII that is not there.
            head.name = "Schlüssel für Öl, №\(number)"
            return try entry(head)
        }
        var sorted = SortedKeys()
        sorted.load(plain.shuffled(using: &random))
        #expect(looked(sorted, for: ["stripe"]) == 0)
        // One leaf has it.
        #expect(looked(sorted, for: ["SHOP/1999"]) < 1_000)
        #expect(looked(sorted, for: []) == 2_000)
        // In small letters this is `kelvin`.
        var head = StoredKeyHead()
        head.path = "shop/7"
        head.name = "\u{212A}elvin"
        sorted.put(try entry(head))
        #expect((1..<1_000).contains(looked(sorted, for: ["kelvin"])))
        #expect(found(sorted, KeyQuery(words: ["kelvin"]), .everything, most: 10) == ["shop/7"])
    }

    @Test("What is walked through stays as it was when the walk began")
    func snapshot() throws {
        var random = SeededGenerator(seed: 3)
        var sorted = SortedKeys()
        for number in 0..<600 { sorted.put(try entry("shop/\(number)", &random)) }
        let before = sorted
        sorted.remove("shop/5")
        sorted.put(try entry("shop/new", &random))
        #expect(Array(before.all).count == 600)
        #expect(before.all.contains { $0.path.text == "shop/5" })
        #expect(!sorted.all.contains { $0.path.text == "shop/5" })
    }
}

/// The same numbers for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
