import Storage
import StorageConformance
import Testing

@Suite("The store in memory")
struct MemoryStoreTests {
    @Test("It keeps the contract of a store", arguments: ConformanceCase.all)
    func contract(_ promise: ConformanceCase) throws {
        try promise.check(MemoryStore())
    }

    @Test("It can start from given records and tells all it holds")
    func contents() throws {
        let store = MemoryStore([key("b"): bytes("2")])
        try store.commit(RecordBatch(puts: [(key("a"), bytes("1"))]))
        #expect(store.contents == [key("a"): bytes("1"), key("b"): bytes("2")])
        #expect(try store.all().map(\.0) == [key("a"), key("b")])
    }
}

@Suite("Keys and errors of a store")
struct StorageValuesTests {
    @Test("No error tells what a record holds, and every one says what happened")
    func descriptions() {
        let errors: [StorageError] = [
            .conflict(RecordKey([0x0A, 0xFF])), .notWritten(reason: "disk full"), .outcomeUnknown(reason: "sync"),
            .damaged(reason: "page 3"), .replaced, .tracesRemain, .closed, .newerVersion(found: 2, supported: 1),
            .notOurs(reason: "a picture"), .inUse,
        ]
        #expect(Set(errors.map(\.description)).count == errors.count)
        #expect(errors[0].description == "record 0aff is not what was expected; nothing was written")
        #expect(
            errors[7].description
                == "a newer Keyturn wrote the store: it has format 2, and this one reads formats up to 1")
    }

    @Test("A key stands before every longer key that it begins")
    func order() {
        #expect(RecordKey([1]) < RecordKey([1, 0]))
        #expect(RecordKey([1, 0xFF]) < RecordKey([2]))
        #expect(!(RecordKey([1]) < RecordKey([1])))
        #expect(RecordKey([0x7F]) < RecordKey([0x80]))
    }
}
