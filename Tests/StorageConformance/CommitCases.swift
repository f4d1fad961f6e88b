import Storage
import Testing

extension ConformanceCase {
    static let commits: [ConformanceCase] = [
        ConformanceCase("An empty store has no records") { (store: any RecordStore) throws in
            #expect(try store.read(key("a")) == nil)
            #expect(try store.all().isEmpty)
            try store.checkIdentity()
        },
        ConformanceCase("A batch puts and deletes in one step") { (store: any RecordStore) throws in
            try store.commit(RecordBatch(puts: [(key("a"), bytes("1")), (key("b"), bytes("2"))]))
            try store.commit(
                RecordBatch(
                    expectations: [(key("a"), bytes("1")), (key("c"), nil)],
                    puts: [(key("b"), bytes("22")), (key("c"), bytes("3"))], deletes: [key("a")]))
            #expect(try store.read(key("a")) == nil)
            #expect(try store.read(key("b")) == bytes("22"))
            #expect(try store.read(key("c")) == bytes("3"))
            try store.checkIdentity()
        },
        ConformanceCase("Deletes come before puts, and the last put of a key stays") {
            (store: any RecordStore) throws in
            try store.commit(
                RecordBatch(puts: [(key("a"), bytes("1")), (key("a"), bytes("2"))], deletes: [key("a")]))
            #expect(try store.read(key("a")) == bytes("2"))
        },
        ConformanceCase("To delete what is not there is no error") { (store: any RecordStore) throws in
            try store.commit(RecordBatch(deletes: [key("a")]))
            try store.commit(RecordBatch(deletes: [key("a"), key("a")], erasesTraces: true))
        },
        ConformanceCase("An empty batch does nothing, erasing or not") { (store: any RecordStore) throws in
            try store.commit(RecordBatch())
            try store.commit(RecordBatch(erasesTraces: true))
            #expect(try store.all().isEmpty)
        },
        ConformanceCase("A batch that erases traces keeps the rest") { (store: any RecordStore) throws in
            let long = [UInt8](repeating: 7, count: 3000)
            try store.commit(RecordBatch(puts: (0..<100).map { (RecordKey([$0]), long + [$0]) }))
            try store.commit(RecordBatch(deletes: (0..<50).map { RecordKey([$0]) }, erasesTraces: true))
            #expect(try store.all().map(\.1) == (50..<100).map { long + [$0] })
            try store.checkIdentity()
        },
        ConformanceCase("Keys and records of every size come back whole") { (store: any RecordStore) throws in
            let keys = [RecordKey([0]), RecordKey([0xFF]), RecordKey([UInt8](repeating: 0xFF, count: 64))]
            for size in [0, 1, 255, 4096, 100_000, 1_000_000] {
                let value = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
                try store.commit(RecordBatch(puts: keys.map { ($0, value) }))
                for key in keys { #expect(try store.read(key) == value) }
                try store.commit(RecordBatch(expectations: keys.map { ($0, value) }))
            }
            #expect(try store.all().map(\.0) == keys)
        },
        ConformanceCase("Of many writers that expect the same record, one wins each round") {
            (store: any RecordStore) throws in
            try store.commit(RecordBatch(puts: [(key("n"), [0])]))
            for round in UInt8(0)..<8 {
                let wins = Wins()
                // Plain threads: a store's calls block.
                concurrently(4) { _ in
                    do {
                        try store.commit(
                            RecordBatch(expectations: [(key("n"), [round])], puts: [(key("n"), [round + 1])]))
                        wins.add()
                    } catch { #expect(error as? StorageError == .conflict(key("n"))) }
                }
                #expect(wins.count == 1)
            }
            #expect(try store.read(key("n")) == [8])
            try store.checkIdentity()
        },
        ConformanceCase("Readers beside a writer see whole batches, and the store stays the same one") {
            (store: any RecordStore) throws in
            try store.commit(RecordBatch(puts: [(key("a"), [0]), (key("b"), [0])]))
            concurrently(3) { thread in
                do {
                    for round in UInt8(1)..<40 {
                        if thread == 0 {
                            try store.commit(RecordBatch(puts: [(key("a"), [round]), (key("b"), [round])]))
                        } else {
                            try store.checkIdentity()
                            let both = try store.all().map(\.1)
                            #expect(both.count == 2 && both.first == both.last)
                        }
                    }
                } catch { Issue.record(error) }
            }
        },
    ]
}
