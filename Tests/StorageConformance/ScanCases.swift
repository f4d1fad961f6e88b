import Storage
import Testing

extension ConformanceCase {
    static let scans: [ConformanceCase] = [
        ConformanceCase("A scan tells the records in the order of their bytes") { (store: any RecordStore) throws in
            let keys = [[0], [0, 0], [0, 1], [1], [0x7F], [0x80], [0x80, 0], [0xFF]].map { RecordKey($0) }
            try store.commit(RecordBatch(puts: keys.reversed().map { ($0, $0.bytes) }))
            let found = try store.all()
            #expect(found.map(\.0) == keys)
            #expect(found.map(\.1) == keys.map(\.bytes))
        },
        ConformanceCase("Both bounds of a scan belong to it") { (store: any RecordStore) throws in
            try store.commit(RecordBatch(puts: ["a", "b", "bb", "c", "d"].map { (key($0), bytes($0)) }))
            #expect(try store.all(from: key("b"), through: key("c")).map(\.0) == [key("b"), key("bb"), key("c")])
            #expect(try store.all(from: key("ba")).map(\.0) == [key("bb"), key("c"), key("d")])
            #expect(try store.all(through: key("aa")).map(\.0) == [key("a")])
        },
        ConformanceCase("A scan whose bounds cross finds nothing") { (store: any RecordStore) throws in
            try store.commit(RecordBatch(puts: [(key("a"), []), (key("b"), [])]))
            #expect(try store.all(from: key("b"), through: key("a")).isEmpty)
        },
        ConformanceCase("A scan stops when it is told to") { (store: any RecordStore) throws in
            try store.commit(RecordBatch(puts: ["a", "b", "c"].map { (key($0), bytes($0)) }))
            var seen: [RecordKey] = []
            try store.scan(from: nil, through: nil) { (key, _) throws(StorageError) in
                seen.append(key)
                return seen.count < 2
            }
            #expect(seen == [key("a"), key("b")])
            #expect(try store.all().count == 3)
        },
        ConformanceCase("The body of a scan may read, and scan") { (store: any RecordStore) throws in
            try store.commit(RecordBatch(puts: ["a", "b"].map { (key($0), bytes($0)) }))
            var read: [[UInt8]?] = []
            var inner = 0
            try store.scan(from: nil, through: nil) { (key, _) throws(StorageError) in
                read.append(try store.read(key))
                inner += try store.all().count
                return true
            }
            #expect(read == [bytes("a"), bytes("b")])
            #expect(inner == 4)
        },
        ConformanceCase("A scan shows one moment, whatever is committed meanwhile") { (store: any RecordStore) throws in
            try store.commit(RecordBatch(puts: ["a", "b", "c"].map { (key($0), bytes("old")) }))
            var seen: [String] = []
            try store.scan(from: nil, through: nil) { (key, span) throws(StorageError) in
                if seen.isEmpty {
                    try store.commit(
                        RecordBatch(
                            puts: ["b", "bb"].map { (StorageConformance.key($0), bytes("newer")) },
                            deletes: [StorageConformance.key("c")]))
                }
                seen.append("\(key):\(span.byteCount)")
                return true
            }
            #expect(seen == ["61:3", "62:3", "63:3"])
            #expect(try store.all().map(\.1) == [bytes("old"), bytes("newer"), bytes("newer")])
        },
    ]
}
