internal import SecretMemory
internal import VaultAPI

extension AccessKeyFile {
    /// Makes sure, before a successor is asked for, that so many bytes can be put into the file's place: as many are
    /// written to the disk beside it, and removed again.
    ///
    /// - Throws: a failure that says why they cannot.
    func rehearse(size: Int) throws(Failure) {
        // As a container may be given it. Nothing can be renamed onto such a file, and only the attempt would tell.
        guard !Self.isMountPoint(path, in: Self.mounts) else {
            throw Failure(.failed, "\(path) is mounted by itself, so that no other file can take its place")
        }
        let beside = AbsolutePath.folder(of: path) + "/.keyturn-rehearsal"
        let blank = [UInt8](repeating: UInt8(ascii: " "), count: size)
        try unsafe PrivateFile.write(blank.span.bytes, to: beside, isDurable: true)
        PrivateFile.remove(beside)
    }

    /// Whether something is mounted at `path`.
    ///
    /// - Parameter table: lines as those of `/proc/self/mountinfo`.
    static func isMountPoint(_ path: String, in table: String) -> Bool {
        table.split(separator: "\n").contains { line in
            let fields = line.split(separator: " ")
            return fields.count > 4 && fields[4] == path
        }
    }

    /// Empty where `/proc` is not there.
    private static var mounts: String {
        let table = "/proc/self/mountinfo"
        return (try? SecretFile.read(table, named: table, limit: 1 << 20))?.disclosedText() ?? ""
    }
}
