import Foundation
import Storage
import StorageConformance
import Testing

@testable import SQLiteStorage

@Suite("What is destroyed")
struct TraceTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    /// Reads files beside an open store. The handles stay open for good: closing one would drop SQLite's locks.
    private func contents(_ name: String) throws -> [UInt8] {
        let handle = open(folder.data + "/" + name, O_RDONLY | O_CLOEXEC)
        try #require(handle >= 0)
        var status = stat()
        fstat(handle, &status)
        return [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { buffer, count in
            count = max(0, pread(handle, buffer.baseAddress, buffer.count, 0))
        }
    }

    /// How often eight bytes from the middle of each value occur in the file.
    private func occurrences(of values: [[UInt8]], in file: [UInt8]) -> [Int] {
        func sample(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
            bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        }
        let samples = values.map { $0.withUnsafeBytes { sample($0, 40) } }
        var counts = Dictionary(samples.map { ($0, 0) }, uniquingKeysWith: { first, _ in first })
        file.withUnsafeBytes { file in
            guard file.count >= 8 else { return }
            for offset in 0...(file.count - 8) {
                let found = sample(file, offset)
                if let count = counts[found] { counts[found] = count + 1 }
            }
        }
        return samples.map { counts[$0] ?? 0 }
    }

    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let mixed = (state ^ state >> 29) &* 0xBF58_476D_1CE4_E5B9
            return mixed ^ mixed >> 32
        }
        mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
    }

    @Test("The bytes of a deleted or replaced record are in no file of the folder when the commit returns")
    func destroyed() throws {
        var random = Generator(state: 1)
        let store = try SQLiteStore(folder: folder.data)
        defer { store.close() }
        let values = [100, 100, 250, 5000, 70_000].map { random.bytes($0) }
        let keys = values.indices.map { RecordKey([UInt8($0)]) }
        try store.commit(RecordBatch(puts: Array(zip(keys, values))))
        #expect(occurrences(of: values, in: try contents("vault.db-wal")) == [1, 1, 1, 1, 1])
        try store.commit(
            RecordBatch(
                puts: [(keys[1], random.bytes(100))], deletes: [keys[0], keys[2], keys[3], keys[4]], erasesTraces: true)
        )
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.data) {
            #expect(occurrences(of: values, in: try contents(name)) == [0, 0, 0, 0, 0], "\(name)")
        }
        try store.checkIdentity()
    }

    @Test("Copies that SQLite leaves in the unused space of a page are found and erased")
    func staleCopies() throws {
        var random = Generator(state: 7)
        let store = try SQLiteStore(folder: folder.data)
        defer { store.close() }
        var live: [RecordKey: [UInt8]] = [:]
        for _ in 0..<60 {
            var batch = RecordBatch()
            for _ in 0..<40 {
                if live.isEmpty || random.next() % 100 < 62 {
                    let key = RecordKey(random.bytes(16))
                    live[key] = random.bytes([80, 120, 250, 400, 900][Int(random.next() % 5)])
                    batch.puts.append((key, live[key] ?? []))
                } else if let key = live.keys.sorted().randomElement(using: &random),
                    !batch.puts.contains(where: { $0.0 == key })
                {
                    live[key] = nil
                    batch.deletes.append(key)
                }
            }
            try store.commit(batch)
        }
        try store.commit(RecordBatch(erasesTraces: true))
        let keys = live.keys.sorted()
        let values = keys.map { live[$0] ?? [] }
        let copies = occurrences(of: values, in: try contents("vault.db"))
        #expect(copies.allSatisfy { $0 >= 1 })
        let twice = zip(keys, copies).filter { $0.1 > 1 }.map(\.0)
        try #require(!twice.isEmpty, "this sequence must leave stale copies, or the test shows nothing")

        let doomed = try #require(twice.first)
        try store.commit(RecordBatch(deletes: [doomed], erasesTraces: true))
        #expect(occurrences(of: [live[doomed] ?? []], in: try contents("vault.db")) == [0])
        #expect(occurrences(of: [live[doomed] ?? []], in: try contents("vault.db-wal")) == [0])
        live[doomed] = nil
        #expect(try store.all().map(\.1) == live.keys.sorted().map { live[$0] ?? [] })
        try store.checkIdentity()
        try store.commit(RecordBatch(puts: [(doomed, [1])]))
    }

    @Test(
        "While a reader keeps the log in use the commit says that traces remain, and an empty batch erases them later")
    func readerInTheWay() throws {
        var random = Generator(state: 3)
        let store = try SQLiteStore(folder: folder.data)
        defer { store.close() }
        let value = random.bytes(100)
        try store.commit(RecordBatch(puts: [(key("a"), value), (key("b"), [])]))
        try store.scan(from: nil, through: nil) { (_, _) throws(StorageError) in
            #expect(throws: StorageError.tracesRemain) {
                try store.commit(RecordBatch(deletes: [key("a")], erasesTraces: true))
            }
            return false
        }
        #expect(try store.read(key("a")) == nil)
        #expect(occurrences(of: [value], in: try contents("vault.db-wal")) == [1])
        try store.commit(RecordBatch(erasesTraces: true))
        #expect(occurrences(of: [value], in: try contents("vault.db-wal")) == [0])
        #expect(occurrences(of: [value], in: try contents("vault.db")) == [0])
    }

    @Test("The search finds any stretch of 15 bytes, wherever it lies, and nothing else")
    func search() {
        var random = Generator(state: 5)
        let value = random.bytes(120)
        let search = TraceSearch(for: [value])
        let other = random.bytes(5000)
        func finds(_ file: [UInt8]) -> Bool { search.findsAny(in: file.span.bytes) }
        #expect(!finds(other))
        for start in 32..<105 {
            var file = other
            file.replaceSubrange(1000 + start..<1015 + start, with: value[start..<start + 15])
            #expect(finds(file), "from \(start)")
        }
        #expect(TraceSearch(for: [value], except: [other + value]).isEmpty)
        #expect(TraceSearch(for: [random.bytes(15)]).isEmpty)
    }
}
