import FoundationEssentials
import Policy
import SecretMemory
import Sealing
import Testing

@testable import Vault

@Suite("What an unseal reads of a key's head")
struct KeyHeadOutlineTests {
    private func outline(_ bytes: [UInt8]) -> KeyHeadOutline? { unsafe KeyHeadOutline(bytes.span.bytes) }

    private func head(_ random: inout SeededGenerator) -> StoredKeyHead {
        func maybe(_ value: UInt64) -> UInt64 { random.next() & 1 == 0 ? 0 : value }
        var head = StoredKeyHead()
        head.keyID = Data((0..<16).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        head.path = "shop/key-\(random.next() % 1_000)"
        head.name = random.next() & 1 == 0 ? "" : "Schlüssel №\(random.next() % 10)"
        head.tags = ["a", "b"].filter { _ in random.next() & 1 == 0 }
        (head.created, head.updated) = (random.next() >> 20, random.next() >> 20)
        (head.expires, head.deleted) = (maybe(random.next()), maybe(random.next()))
        (head.purgeAfter, head.previousUntil) = (maybe(random.next()), maybe(7))
        (head.current, head.previous) = (UInt32(maybe(2)), UInt32(maybe(1)))
        (head.pending, head.nextVersion) = (UInt32(maybe(3)), 4)
        (head.lastUsed, head.lastUsedBy) = (maybe(random.next() >> 20), random.next() & 1 == 0 ? "" : "unix-user:zoë")
        if random.next() & 1 == 0 { head.rotation.rotator = "generate" }
        for number in 1...(1 + random.next() % 2) {
            var version = StoredVersionHead()
            version.number = UInt32(number)
            version.prefix = "sk_"
            head.versions.append(version)
        }
        return head
    }

    @Test("What is no head is refused")
    func refused() throws {
        var random = SeededGenerator(seed: 1)
        let whole = try head(&random).encoded()
        #expect(outline(whole) != nil)
        #expect(outline([]) == nil)
        // Every beginning of it, but where a field ends: what is left out then is not missed.
        let cut = (1..<whole.count).filter { outline(Array(whole[..<$0])) == nil }
        #expect(cut.count > whole.count / 2)
        // A field of a number or a type that no head has; an integer without an end; a length beyond the end.
        for more in [
            [0x78 | 5, 1, 2, 3, 4], [0xC0, 0x0C, 1], [0x08, 1], [0x40, 0xFF], [0x1A, 9], [0x12, 1, 0xFF],
        ] as [[UInt8]] {
            #expect(outline(whole + more) == nil, "\(more)")
        }
        for change in [
            { $0.keyID = Data([1, 2]) }, { $0.path = "" }, { $0.path = "/a" }, { $0.path = "ä" },
            { $0.lastUsed = .max },
        ] as [(inout StoredKeyHead) -> Void] {
            var head = head(&random)
            change(&head)
            #expect(try outline(head.encoded()) == nil, "\(head.path)")
        }
    }

    @Test("It is what the whole head says", arguments: 1...200 as ClosedRange<UInt64>)
    func agrees(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let head = head(&random)
        let outline = try #require(try outline(head.encoded()))
        #expect(outline.path.text == head.path)
        #expect(outline.keyID.bytes.data == head.keyID)
        #expect(outline.lastUsed == Timestamp(head.lastUsed) && outline.lastUsedBy == head.lastUsedBy)
        #expect(outline.hasRotation == head.hasRotation)
        for summary in [outline.summary, KeyHeadSummary(head)] {
            #expect(summary.current == head.current && summary.previous == head.previous)
            #expect(summary.pending == head.pending && summary.previousUntil == head.previousUntil)
            #expect(summary.created == head.created && summary.updated == head.updated)
            #expect(summary.expires == head.expires && summary.deleted == head.deleted)
            #expect(summary.purgeAfter == head.purgeAfter)
        }
    }
}
