import Storage
import StorageConformance
import Testing

@Suite("The store that fails on demand")
struct FaultInjectingStoreTests {
    private let first = RecordBatch(puts: [(key("a"), bytes("1"))])
    private let second = RecordBatch(expectations: [(key("a"), bytes("1"))], puts: [(key("a"), bytes("2"))])

    @Test("Without faults it keeps the contract of a store", arguments: ConformanceCase.all)
    func contract(_ promise: ConformanceCase) throws {
        try promise.check(FaultInjectingStore())
    }

    @Test("A commit that is not written leaves no trace, and the next one goes through")
    func notWritten() throws {
        let store = FaultInjectingStore()
        try store.commit(first)
        store.fail(.notWritten)
        #expect(throws: StorageError.notWritten(reason: "injected")) { try store.commit(second) }
        #expect(try store.read(key("a")) == bytes("1"))
        try store.commit(second)
        #expect(try store.read(key("a")) == bytes("2"))
    }

    @Test("A commit in doubt makes the store refuse everything until it is opened again", arguments: [true, false])
    func inDoubt(applied: Bool) throws {
        let store = FaultInjectingStore()
        try store.commit(first)
        store.fail(applied ? .outcomeUnknownApplied : .outcomeUnknownLost)
        let doubt = StorageError.outcomeUnknown(reason: "injected")
        #expect(throws: doubt) { try store.commit(second) }
        #expect(throws: doubt) { try store.commit(second) }
        #expect(throws: doubt) { try store.read(key("a")) }
        #expect(throws: doubt) { try store.all() }
        #expect(throws: doubt) { try store.checkIdentity() }
        store.reopen()
        #expect(try store.read(key("a")) == bytes(applied ? "2" : "1"))
    }

    @Test("A conflict is found before a fault of the disk")
    func conflictFirst() throws {
        let store = FaultInjectingStore()
        store.fail(.outcomeUnknownLost)
        #expect(throws: StorageError.conflict(key("a"))) { try store.commit(second) }
    }

    @Test("The nth read fails, and no other")
    func reads() throws {
        let store = FaultInjectingStore()
        try store.commit(first)
        store.failRead(.damaged(reason: "x"), at: 2)
        #expect(try store.read(key("a")) == bytes("1"))
        #expect(throws: StorageError.damaged(reason: "x")) { try store.all() }
        #expect(try store.all().count == 1)
    }

    @Test("What was stored at every commit can be had back")
    func snapshots() throws {
        let store = FaultInjectingStore()
        try store.commit(first)
        store.fail(.tracesRemain)
        #expect(throws: StorageError.tracesRemain) { try store.commit(second) }
        store.fail(.notWritten)
        #expect(throws: StorageError.self) { try store.commit(RecordBatch(deletes: [key("a")])) }
        #expect(store.snapshots == [[:], [key("a"): bytes("1")], [key("a"): bytes("2")]])
        #expect(try store.crashed(after: 1).read(key("a")) == bytes("1"))
        #expect(store.commits == 3)
    }

    @Test("A replaced file is noticed at the next look, whichever it is")
    func replaced() throws {
        let store = FaultInjectingStore()
        try store.commit(first)
        store.replaceFile()
        #expect(throws: StorageError.replaced) { try store.checkIdentity() }
        #expect(throws: StorageError.replaced) { try store.read(key("a")) }
        #expect(throws: StorageError.replaced) { try store.commit(second) }
    }
}
