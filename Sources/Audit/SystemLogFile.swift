internal import Glibc
internal import Synchronization

/// An open file of the real file system.
final class SystemLogFile: LogFile {
    private let descriptor: Int32
    /// The fault of a sync that failed. Held during the call, so that two callers cannot share one report.
    private let lost = Mutex<FileFault?>(nil)

    /// Takes over `descriptor`, and closes it in the end.
    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { Glibc.close(descriptor) }

    func write(_ bytes: [UInt8], from start: Int) throws(FileFault) -> Int {
        while true {
            let written = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress?.advanced(by: start), buffer.count - start)
            }
            if written >= 0 { return written }
            guard errno == EINTR else { throw FileFault(code: errno) }
        }
    }

    func read(at offset: Int64, count: Int) throws(FileFault) -> [UInt8] {
        var fault: FileFault?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = 0
            while filled < count {
                let got = unsafe pread(
                    descriptor, buffer.baseAddress?.advanced(by: filled), count - filled, off_t(offset) + off_t(filled))
                if got > 0 {
                    filled += got
                } else if got == 0 {
                    return
                } else if errno != EINTR {
                    fault = FileFault(code: errno)
                    return
                }
            }
        }
        if let fault { throw fault }
        return bytes
    }

    func facts() throws(FileFault) -> FileFacts {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw FileFault(code: errno) }
        return FileFacts(status)
    }

    func truncate(to size: Int64) throws(FileFault) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw FileFault(code: errno) }
    }

    func allocate(_ size: Int64) throws(FileFault) {
        let code = posix_fallocate(descriptor, 0, off_t(size))
        guard code == 0 else { throw FileFault(code: code) }
    }

    func sync() throws(FileFault) {
        try lost.withLock { (lost: inout sending FileFault?) throws(FileFault) in
            if let lost { throw lost }
            while fdatasync(descriptor) != 0 {
                guard errno == EINTR else {
                    let fault = FileFault(code: errno)
                    lost = fault
                    throw fault
                }
            }
        }
    }
}
