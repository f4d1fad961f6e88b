internal import CProcess
internal import Glibc
internal import KeyturnClient
internal import SecretMemory
internal import VaultAPI

/// A file that holds an access key and nothing else, with or without a line end after it.
struct AccessKeyFile: Sendable {
    /// The variable that names it.
    static let variable = "KEYTURN_ACCESS_KEY_FILE"

    let path: String

    /// - Throws: a usage failure where there is no such file, or others may read it.
    func read() throws(Failure) -> String {
        let bytes: WipedBytes
        do {
            bytes = try PrivateFile.read(path, limit: 1024)
        } catch {
            switch error {
            case .missing: throw .usage("the file of the access key is not there: \(path)")
            case .notPrivate:
                throw .usage(
                    "the file of the access key has to be this user's or root's, and closed to others: \(path)",
                    hint: "chmod 600 \(path)")
            case .unreadable(let number):
                throw .usage("the file of the access key cannot be read: \(unsafe String(cString: strerror(number)))")
            }
        }
        guard let text = bytes.withoutFinalNewline().disclosedText(), !text.isEmpty else {
            throw .usage("there is no access key in \(path)")
        }
        return text
    }

    /// Makes sure, before there is a key, that it can be written here.
    ///
    /// - Throws: a usage failure that names `option`.
    func checkIsWritable(option: String) throws(Failure) {
        guard unsafe access(AbsolutePath.folder(of: path), W_OK | X_OK) == 0 else {
            throw .usage("\(option): no file can be made there: \(unsafe String(cString: strerror(errno)))")
        }
        var state = stat()
        if unsafe lstat(path, &state) == 0, state.st_mode & S_IFMT != S_IFREG {
            throw .usage("\(option): there is something there that is no file")
        }
    }

    /// Whether a successor could be written: only then one is asked for.
    var canBeReplaced: Bool {
        var state = stat()
        guard unsafe stat(path, &state) == 0, state.st_uid == geteuid() else { return false }
        return unsafe access(AbsolutePath.folder(of: path), W_OK) == 0
    }

    /// Runs `body` while no other process that goes by this file does the same.
    ///
    /// - Returns: nil where another one is at it, or the file is not there.
    func locked<Result>(_ body: () async throws -> Result) async rethrows -> Result? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        guard keyturn_lock_exclusively(file) == 0 else { return nil }
        var held = stat()
        var present = stat()
        // Replaced by another since it was opened.
        guard unsafe fstat(file, &held) == 0, unsafe stat(path, &present) == 0, held.st_ino == present.st_ino else {
            return nil
        }
        return try await body()
    }

    /// Puts the access key and a line end into the file, in the place of what is there; on the disk when this returns.
    func replace(with accessKey: WipedBytes) throws(Failure) {
        let line = WipedBytes(count: accessKey.count + 1) { (span: inout MutableRawSpan) in
            unsafe span.withUnsafeMutableBytes { target in
                accessKey.withBytes { source in
                    unsafe source.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
                }
                unsafe target[target.count - 1] = UInt8(ascii: "\n")
            }
        }
        try line.withBytes { (span) throws(Failure) in try PrivateFile.write(span, to: path, isDurable: true) }
    }
}
