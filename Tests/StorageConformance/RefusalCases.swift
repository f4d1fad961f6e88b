import Storage
import Testing

extension ConformanceCase {
    static let refusals: [ConformanceCase] = [
        ConformanceCase("A batch whose expected record is absent changes nothing") { (store: any RecordStore) throws in
            #expect(throws: StorageError.conflict(key("a"))) {
                try store.commit(RecordBatch(expectations: [(key("a"), bytes("1"))], puts: [(key("b"), bytes("2"))]))
            }
            #expect(try store.read(key("b")) == nil)
        },
        ConformanceCase("A batch that expects no record is refused where there is one") {
            (store: any RecordStore) throws in
            try store.commit(RecordBatch(puts: [(key("a"), bytes("1"))]))
            #expect(throws: StorageError.conflict(key("a"))) {
                try store.commit(RecordBatch(expectations: [(key("a"), nil)], puts: [(key("a"), bytes("2"))]))
            }
            #expect(try store.read(key("a")) == bytes("1"))
        },
        ConformanceCase("A record that differs in its last byte alone is a conflict") {
            (store: any RecordStore) throws in
            try store.commit(RecordBatch(puts: [(key("a"), bytes("long enough 1"))]))
            #expect(throws: StorageError.conflict(key("a"))) {
                try store.commit(
                    RecordBatch(expectations: [(key("a"), bytes("long enough 2"))], deletes: [key("a")]))
            }
            #expect(try store.read(key("a")) == bytes("long enough 1"))
        },
        ConformanceCase("An empty record is not an absent one") { (store: any RecordStore) throws in
            try store.commit(RecordBatch(puts: [(key("a"), [])]))
            #expect(try store.read(key("a")) == [])
            #expect(throws: StorageError.conflict(key("a"))) {
                try store.commit(RecordBatch(expectations: [(key("a"), nil)]))
            }
            #expect(throws: StorageError.conflict(key("b"))) {
                try store.commit(RecordBatch(expectations: [(key("b"), [])]))
            }
        },
        ConformanceCase("The first expectation that does not hold is the one that is named") {
            (store: any RecordStore) throws in
            try store.commit(RecordBatch(puts: [(key("a"), bytes("1"))]))
            #expect(throws: StorageError.conflict(key("c"))) {
                try store.commit(
                    RecordBatch(expectations: [(key("a"), bytes("1")), (key("c"), bytes("x")), (key("b"), bytes("x"))]))
            }
        },
        ConformanceCase("Expectations are compared before the batch's own changes") { (store: any RecordStore) throws in
            #expect(throws: StorageError.conflict(key("a"))) {
                try store.commit(RecordBatch(expectations: [(key("a"), bytes("1"))], puts: [(key("a"), bytes("1"))]))
            }
        },
        ConformanceCase("What a scan's body throws comes out unchanged and ends the scan") {
            (store: any RecordStore) throws in
            try store.commit(RecordBatch(puts: [(key("a"), bytes("1")), (key("b"), bytes("2"))]))
            var seen = 0
            #expect(throws: StorageError.damaged(reason: "seen")) {
                try store.scan(from: nil, through: nil) { (_, _) throws(StorageError) in
                    seen += 1
                    throw .damaged(reason: "seen")
                }
            }
            #expect(seen == 1)
            #expect(try store.read(key("a")) == bytes("1"))
        },
        ConformanceCase("A closed store refuses everything") { (store: any RecordStore) throws in
            try store.commit(RecordBatch(puts: [(key("a"), bytes("1"))]))
            store.close()
            store.close()
            #expect(throws: StorageError.closed) { try store.read(key("a")) }
            #expect(throws: StorageError.closed) { try store.commit(RecordBatch()) }
            #expect(throws: StorageError.closed) { try store.checkIdentity() }
            #expect(throws: StorageError.closed) { try store.all() }
        },
    ]
}
