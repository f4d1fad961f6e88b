import Foundation
import SecretMemory
import Testing

@Suite("Secrets on guarded pages")
struct SecretBytesTests {
    @Test("A write to a secret's page ends the process")
    func writeIsFatal() async {
        await #expect(processExitsWith: .signal(SIGSEGV)) {
            let secret = try SecretBytes.random(count: 32, from: SystemRandom())
            secret.withBytes { span in
                span.withUnsafeBytes {
                    UnsafeMutableRawPointer(mutating: $0.baseAddress!).storeBytes(of: 1, as: UInt8.self)
                }
            }
        }
    }

    @Test("A read past the end of a secret ends the process")
    func overrunIsFatal() async {
        await #expect(processExitsWith: .signal(SIGSEGV)) {
            let secret = try SecretBytes.random(count: 32, from: SystemRandom())
            let beyond = secret.withBytes { span in
                span.withUnsafeBytes { $0.baseAddress!.load(fromByteOffset: 32, as: UInt8.self) }
            }
            print(beyond)
        }
    }

    @Test("A secret of no bytes is refused")
    func empty() {
        #expect(throws: SecretMemoryError.emptySecret) { _ = try secret([]) }
        #expect(throws: SecretMemoryError.emptySecret) { _ = try SecretBytes.random(count: 0, from: SystemRandom()) }
    }

    @Test("What fails to fill a secret leaves none, and its error comes through")
    func failedFill() {
        #expect(throws: SecretMemoryError.fillFailed) {
            _ = try SecretBytes(count: 16) { (_: inout MutableRawSpan) throws(SecretMemoryError) in throw .fillFailed }
        }
    }

    @Test("A freed secret is gone from the process's memory")
    func freedIsGone() throws {
        // The pattern is made in place, so that no copy of it is anywhere else.
        func pattern(_ index: Int) -> UInt8 { UInt8(truncatingIfNeeded: index &* 37 &+ 0xA5) }
        func found() throws -> Int { try occurrences(length: 64, of: pattern) }
        var secret: SecretBytes? = try SecretBytes(count: 64) { (span: inout MutableRawSpan) in
            for index in 0..<64 { span.storeBytes(of: pattern(index), toByteOffset: index, as: UInt8.self) }
        }
        #expect(try found() == 1)
        _ = secret.take()
        #expect(try found() == 0)
    }

    @Test("Equal bytes are equal, and one differing bit or byte less is not")
    func comparison() throws {
        let bytes = SystemRandom().bytes(33)
        func isEqual(_ other: [UInt8]) throws -> Bool { try secret(bytes).isEqual(to: try secret(other)) }
        #expect(try isEqual(bytes))
        for index in bytes.indices {
            var other = bytes
            other[index] ^= 0x10
            #expect(try !isEqual(other))
            #expect(!equal(bytes, other))
        }
        #expect(try !isEqual(bytes.dropLast()))
        #expect(!equal(bytes, bytes.dropLast()))
        #expect(equal([], []))
    }

    @Test("A copy holds the same bytes after the original has gone")
    func copies() throws {
        func copyOfGone(_ bytes: [UInt8]) throws -> SecretBytes { try secret(bytes).copy() }
        let bytes = SystemRandom().bytes(48)
        let copied = try copyOfGone(bytes).withBytes { span in span.withUnsafeBytes { Array($0) } }
        #expect(copied == bytes)
    }

    @Test("A secret is read by many threads at once")
    func concurrentReaders() async throws {
        final class Holder: Sendable {
            let secret: SecretBytes
            init() throws {
                secret = try SecretBytes(count: 32) { (span: inout MutableRawSpan) in
                    for index in 0..<32 { span.storeBytes(of: 7, toByteOffset: index, as: UInt8.self) }
                }
            }
        }
        let holder = try Holder()
        await withTaskGroup(of: Int.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    (0..<200).reduce(0) { sum, _ in
                        holder.secret.withBytes { sum + Int($0.unsafeLoad(fromByteOffset: 31, as: UInt8.self)) }
                    }
                }
            }
            for await sum in group { #expect(sum == 1400) }
        }
    }
}

private func secret(_ bytes: [UInt8]) throws -> SecretBytes { try SecretBytes(copying: bytes.span.bytes) }

private func equal(_ a: [UInt8], _ b: [UInt8]) -> Bool { constantTimeEqual(a.span.bytes, b.span.bytes) }

/// How often a run of `length` bytes that follows `pattern` stands in this process's readable memory.
private func occurrences(length: Int, of pattern: (Int) -> UInt8) throws -> Int {
    // Foundation reads only the start of a file that the kernel says is empty.
    let maps = String(
        decoding: try FileHandle(forReadingFrom: URL(filePath: "/proc/self/maps")).readToEnd() ?? Data(), as: UTF8.self)
    let memory = open("/proc/self/mem", O_RDONLY)
    defer { close(memory) }
    try #require(memory >= 0)
    let first = (0..<8).reduce(UInt64(0)) { $0 | UInt64(pattern($1)) << (8 * UInt64($1)) }
    var count = 0
    for line in maps.split(separator: "\n") {
        let parts = line.split(separator: " ")
        let range = parts[0].split(separator: "-").compactMap { Int($0, radix: 16) }
        guard parts[1].hasPrefix("rw") || parts[1].hasPrefix("r--p"), !line.hasSuffix("[vvar]") else { continue }
        let size = range[1] - range[0]
        guard parts.count < 6 || !parts[5].hasPrefix("/"), size < 1 << 28 else { continue }
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        defer {
            memset(buffer, 0, size)
            buffer.deallocate()
        }
        let got = pread(memory, buffer, size, range[0])
        guard got >= length else { continue }
        // Secrets end at a page's end and are at least eight-aligned for this length.
        for offset in stride(from: 0, through: got - length, by: 8)
        where buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self) == first {
            if (0..<length).allSatisfy({ buffer.load(fromByteOffset: offset + $0, as: UInt8.self) == pattern($0) }) {
                count += 1
            }
        }
    }
    return count
}
