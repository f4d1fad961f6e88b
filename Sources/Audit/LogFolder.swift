/// What the log needs of a file system; a test stands one in that fails on purpose.
protocol LogFolder: Sendable {
    /// The names of all that is in the folder.
    func names() throws(FileFault) -> [String]
    /// Opens a regular file of the folder.
    func open(_ name: String, _ access: LogAccess) throws(FileFault) -> any LogFile
    /// What is at the file's path now, a symbolic link itself included; nil where there is nothing.
    func facts(_ name: String) throws(FileFault) -> FileFacts?
    func remove(_ name: String) throws(FileFault)
    /// Makes names that were added or removed durable.
    func sync() throws(FileFault)
}

enum LogAccess: Sendable {
    case reading
    /// Reading, and writing at the end.
    case appending
    /// As ``appending``, for a file that must not exist; its mode is 0600 whatever the umask.
    case creating
}

protocol LogFile: AnyObject, Sendable {
    /// Writes the bytes from `start` on at the end of the file, or as many as it can.
    ///
    /// - Returns: how many were written; may be short.
    func write(_ bytes: [UInt8], from start: Int) throws(FileFault) -> Int
    /// Up to `count` bytes at `offset`; fewer only at the end of the file.
    func read(at offset: Int64, count: Int) throws(FileFault) -> [UInt8]
    func facts() throws(FileFault) -> FileFacts
    /// Cuts the file to `size` bytes.
    func truncate(to size: Int64) throws(FileFault)
    /// Makes the file `size` bytes long, with space set aside for all of them.
    func allocate(_ size: Int64) throws(FileFault)
    /// Makes what was written durable. Once it has failed it fails for good: the kernel reports a lost page once,
    /// and a later success would say nothing about that page.
    func sync() throws(FileFault)
}

/// Which file, and how it is now.
struct FileFacts: Equatable, Sendable {
    var device: UInt64
    var inode: UInt64
    var size: Int64
    var isRegular: Bool
    /// When the file or what is known of it changed last, in nanoseconds since 1970 (`st_ctim`).
    var changed: Int64 = 0

    func isSameFile(as other: FileFacts) -> Bool { device == other.device && inode == other.inode }
}

/// An `errno` of a call on a file.
struct FileFault: Error, Equatable, Sendable {
    let code: Int32
}
