import Dispatch
import Foundation
import Synchronization

@testable import Audit

/// A real folder whose files fail on purpose.
final class FaultyFolder: LogFolder {
    struct Faults: Sendable {
        /// Taken by writes in turn; when none is left, writes work.
        var writes: [WriteFault] = []
        /// Taken by syncs of files in turn.
        var syncs: [Int32] = []
        var isTruncatingImpossible = false
        /// Bytes that files may still take, the reserve included; nil for no limit.
        var space: Int64?
        var syncCount = 0
    }

    enum WriteFault: Sendable {
        case failing(Int32)
        /// Writes this many bytes and says so.
        case short(Int)
        /// Waits until the gate opens, then works.
        case blocked(DispatchSemaphore)
    }

    let real: any LogFolder
    let faults = Mutex(Faults())

    init(_ path: String) throws { real = try SystemLogFolder(path, owned: true) }

    func names() throws(FileFault) -> [String] { try real.names() }
    func facts(_ name: String) throws(FileFault) -> FileFacts? { try real.facts(name) }
    func sync() throws(FileFault) { try real.sync() }

    func open(_ name: String, _ access: LogAccess) throws(FileFault) -> any LogFile {
        FaultyFile(try real.open(name, access), self)
    }

    func remove(_ name: String) throws(FileFault) {
        if let size = try real.facts(name)?.size { faults.withLock { $0.space? += size } }
        try real.remove(name)
    }
}

final class FaultyFile: LogFile {
    private let real: any LogFile
    private let folder: FaultyFolder

    init(_ real: any LogFile, _ folder: FaultyFolder) {
        self.real = real
        self.folder = folder
    }

    func write(_ bytes: [UInt8], from start: Int) throws(FileFault) -> Int {
        let fault = folder.faults.withLock { $0.writes.isEmpty ? nil : $0.writes.removeFirst() }
        switch fault {
        case .failing(let code): throw FileFault(code: code)
        case .short(let count): return try real.write(Array(bytes[start..<(start + count)]), from: 0)
        case .blocked(let gate): gate.wait()
        case nil: break
        }
        let room = folder.faults.withLock { $0.space }
        guard let room else { return try real.write(bytes, from: start) }
        guard room > 0 else { throw FileFault(code: ENOSPC) }
        let end = min(bytes.count, start + Int(room))
        let written = try real.write(Array(bytes[start..<end]), from: 0)
        folder.faults.withLock { $0.space? -= Int64(written) }
        return written
    }

    func read(at offset: Int64, count: Int) throws(FileFault) -> [UInt8] { try real.read(at: offset, count: count) }
    func facts() throws(FileFault) -> FileFacts { try real.facts() }

    func truncate(to size: Int64) throws(FileFault) {
        if folder.faults.withLock({ $0.isTruncatingImpossible }) { throw FileFault(code: EIO) }
        let before = try real.facts().size
        try real.truncate(to: size)
        folder.faults.withLock { $0.space? += before - size }
    }

    func allocate(_ size: Int64) throws(FileFault) {
        let more = size - (try real.facts().size)
        guard folder.faults.withLock({ $0.space.map { $0 >= more } ?? true }) else { throw FileFault(code: ENOSPC) }
        try real.allocate(size)
        folder.faults.withLock { $0.space? -= more }
    }

    func sync() throws(FileFault) {
        let code = folder.faults.withLock { faults in
            faults.syncCount += 1
            return faults.syncs.isEmpty ? 0 : faults.syncs.removeFirst()
        }
        if code != 0 { throw FileFault(code: code) }
        try real.sync()
    }
}
